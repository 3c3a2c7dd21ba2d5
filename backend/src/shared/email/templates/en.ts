import type { MailCatalogue } from './catalogue.js';

const NOT_YOU = 'If that was not you, choose a new password at once and look at your sessions.';
const WHERE = 'Time: {{at}}. Address: {{ip}}.';

export const ENGLISH: MailCatalogue = {
  language: 'en',
  greeting: 'Hello {{name}},',
  greetingWithoutName: 'Hello,',
  linkHint: 'If the button does not work, open this address:',
  footer: 'Sent by TelemetryFlow at {{host}}. Nobody reads answers to this address.',
  mails: {
    verification: {
      subject: 'Confirm your e-mail address',
      paragraphs: ['please confirm that this address is yours. The link works once, until {{expiresAt}}.'],
      action: 'Confirm the address',
      closing: ['If you did not register, ignore this mail.'],
    },
    invitation: {
      subject: 'You are invited to TelemetryFlow',
      paragraphs: ['you are invited to join TelemetryFlow. The invitation is good until {{expiresAt}}.'],
      action: 'Accept the invitation',
      closing: ['If you do not know why, ignore this mail.'],
    },
    password_choice: {
      subject: 'Choose your password',
      paragraphs: [
        'an administrator has made an account for you, {{email}}. Choose a password to sign in. The link works once, until {{expiresAt}}.',
      ],
      action: 'Choose a password',
      closing: ['If you do not know why, ignore this mail.'],
    },
    password_reset: {
      subject: 'Reset your password',
      paragraphs: [
        'somebody, probably you, asked for a new password for {{email}}. The link works once, until {{expiresAt}}.',
        WHERE,
      ],
      action: 'Choose a new password',
      closing: ['If that was not you, ignore this mail: your password stays as it is.'],
    },
    password_changed: {
      subject: 'Your password was changed',
      paragraphs: ['the password of {{email}} was changed, and your other sessions were ended.', WHERE],
      closing: [NOT_YOU],
    },
    password_set_by_administrator: {
      subject: 'An administrator has set your password',
      paragraphs: [
        'an administrator has set a new password for {{email}}, and your sessions were ended. Ask them for it, and choose another one after signing in.',
        'Time: {{at}}.',
      ],
      closing: ['If you did not ask for that, tell your administrator.'],
    },
    mfa_enabled: {
      subject: 'Two-step sign-in is on',
      paragraphs: ['signing in as {{email}} needs a code from your authenticator app from now on.', WHERE],
      closing: [NOT_YOU],
    },
    mfa_disabled: {
      subject: 'Two-step sign-in is off',
      paragraphs: ['signing in as {{email}} needs no code any more: the password is enough.', WHERE],
      closing: [NOT_YOU],
    },
    account_locked: {
      subject: 'Your account is locked for a while',
      paragraphs: [
        'after several failed logins, the last at {{at}} from {{ip}}, your account takes no login until {{until}}. It opens again by itself.',
      ],
      closing: [
        'If that was not you, somebody may be guessing your password: choose a new one that you use nowhere else.',
      ],
    },
    new_device: {
      subject: 'A new device has signed in',
      paragraphs: ['somebody signed in as {{email}} from a device that we have not seen before: {{device}}.', WHERE],
      closing: [NOT_YOU],
    },
    recovery_email_changed: {
      subject: 'Your recovery address was changed',
      paragraphs: ['the recovery address of {{email}} is another one from now on, or none.', WHERE],
      closing: [NOT_YOU],
    },
  },
};
