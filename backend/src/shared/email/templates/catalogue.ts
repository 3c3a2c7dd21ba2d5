/** Everything that the platform mails of itself. */
export const MAIL_KINDS = [
  'verification',
  'invitation',
  'password_choice',
  'password_reset',
  'password_changed',
  'password_set_by_administrator',
  'mfa_enabled',
  'mfa_disabled',
  'account_locked',
  'new_device',
  'recovery_email_changed',
] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

/**
 * The words of one mail, each a Handlebars template of plain text over the message's values. Escaping is the layout's
 * business, not theirs.
 */
export interface MailWords {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  /** What the link's button says. */
  readonly action?: string;
  /** Below the button. */
  readonly closing?: readonly string[];
}

export interface MailCatalogue {
  /** BCP 47. */
  readonly language: string;
  readonly greeting: string;
  readonly greetingWithoutName: string;
  readonly linkHint: string;
  readonly footer: string;
  readonly mails: Readonly<Record<MailKind, MailWords>>;
}
