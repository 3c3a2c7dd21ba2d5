import type { MailKind } from './templates/catalogue.js';

/** A mail before it has words: who gets what. */
export interface MailMessage {
  readonly kind: MailKind;
  /** One address. */
  readonly to: string;
  /** What the greeting says; it comes from whoever registered, so it may be anything. */
  readonly name: string;
  /** BCP 47; Indonesian gets Indonesian, everything else English. */
  readonly locale: string;
  /** IANA zone in which times are written. */
  readonly timeZone: string;
  /** What the words refer to. Times are written out in the reader's language and zone. */
  readonly values?: Readonly<Record<string, string | Date>>;
  /** Path and query of the page that the button opens: `/reset-password?token=…`. */
  readonly path?: string;
}

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}
