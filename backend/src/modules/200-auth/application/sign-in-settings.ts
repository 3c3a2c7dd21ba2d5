import type { Config } from '../../../shared/platform/index.js';

/** Whether a login waits until the address is verified: by default where mails can be sent at all. */
export function verificationRequired(config: Config): boolean {
  return config.EMAIL_VERIFICATION_REQUIRED === ''
    ? config.SMTP_ENABLED
    : config.EMAIL_VERIFICATION_REQUIRED === 'true';
}
