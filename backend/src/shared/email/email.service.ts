import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import type { Logger } from 'pino';
import { LOGGER, RUNTIME, type Runtime } from '../platform/index.js';

export interface Mail {
  /** One address. */
  readonly to: string;
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
}

const TIMEOUT_MS = 10_000;

/** Sends mail over SMTP; without SMTP says in the log that one would have been sent. */
@Injectable()
export class EmailService implements OnModuleDestroy {
  readonly #transport: Transporter | undefined;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const { SMTP_ENABLED, SMTP_HOST, SMTP_PORT, SMTP_SECURE, SMTP_USER, SMTP_PASSWORD } = runtime.config;
    if (!SMTP_ENABLED) return;
    this.#transport = createTransport({
      host: SMTP_HOST,
      port: SMTP_PORT,
      secure: SMTP_SECURE,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      ...(SMTP_USER === '' ? {} : { auth: { user: SMTP_USER, pass: SMTP_PASSWORD } }),
    });
  }

  onModuleDestroy(): void {
    this.#transport?.close();
  }

  /** @throws Error when the server refuses or does not answer in ten seconds; the caller's job is tried again */
  async send(mail: Mail): Promise<void> {
    if (this.#transport === undefined) {
      // Not the text: mails carry reset links and codes.
      this.logger.info({ to: maskAddress(mail.to), subject: mail.subject }, 'SMTP is off: a mail was not sent');
      return;
    }
    const { to, subject, ...parts } = mail;
    await this.#transport.sendMail({
      from: this.runtime.config.SMTP_FROM,
      // An address object: text would be parsed, and might be read as several.
      to: { name: '', address: to },
      subject: subject.replace(/\s+/g, ' '),
      ...parts,
      // RFC 3834: out-of-office answers to this would reach nobody.
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    this.logger.info({ to: maskAddress(mail.to), subject: mail.subject }, 'a mail was sent');
  }
}

/** Enough to find a mail again, not enough to write to somebody. */
export function maskAddress(address: string): string {
  return address.replace(/^(.).*(@.*)$/, '$1***$2');
}
