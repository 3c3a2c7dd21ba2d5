import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { renderSVG } from 'uqr';

/** RFC 4226 section 4 recommends 160 bits. */
const SECRET_BYTES = 20;
const PERIOD_SECONDS = 30;
/** RFC 6238 section 5.2: clocks differ, and people need time to type. */
const WINDOW_STEPS = 1;
/** What authenticator apps agree on. */
const SHAPE = { algorithm: 'SHA1', digits: 6, period: PERIOD_SECONDS } as const;

export function newTotpSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** Base32 (RFC 4648), as people type it. */
export function totpSecretText(secret: Buffer): string {
  return secretOf(secret).base32;
}

/** The otpauth:// address that authenticator apps read. */
export function totpUri(secret: Buffer, issuer: string, account: string): string {
  return new TOTP({ issuer, label: account, secret: secretOf(secret), ...SHAPE }).toString();
}

/** An SVG as a data URL. */
export function qrCodeOf(text: string): string {
  const svg = renderSVG(text, { ecc: 'M', border: 2 });
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}

/** The 30-second step whose code this is, at most one before or after now; null: it is no code of these. */
export function totpStepOf(secret: Buffer, code: string, now: Date): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const timestamp = now.getTime();
  const delta = TOTP.validate({ token: code, secret: secretOf(secret), ...SHAPE, timestamp, window: WINDOW_STEPS });
  return delta === null ? null : TOTP.counter({ period: PERIOD_SECONDS, timestamp }) + delta;
}

function secretOf(secret: Buffer): Secret {
  return Secret.fromHex(secret.toString('hex'));
}
