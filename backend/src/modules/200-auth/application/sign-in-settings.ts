import type { SignInOptions } from '@telemetryflow/contracts';
import type { Config } from '../../../shared/platform/index.js';
import { PASSWORD_MIN_LENGTH } from '../../100-core/index.js';

/** Whether a login waits until the address is verified: by default where mails can be sent at all. */
export function verificationRequired(config: Config): boolean {
  return config.EMAIL_VERIFICATION_REQUIRED === ''
    ? config.SMTP_ENABLED
    : config.EMAIL_VERIFICATION_REQUIRED === 'true';
}

/** What the sign-in pages need to know before anyone has signed in. */
export function signInOptions(config: Config): SignInOptions {
  return {
    registration: config.REGISTRATION_MODE,
    emailVerification: verificationRequired(config),
    passwordMinLength: PASSWORD_MIN_LENGTH,
    mail: config.SMTP_ENABLED,
  };
}
