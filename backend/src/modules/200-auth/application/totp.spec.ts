import fc from 'fast-check';
import { HOTP, Secret } from 'otpauth';
import { describe, expect, it } from 'vitest';
import { newTotpSecret, qrCodeOf, totpSecretText, totpStepOf, totpUri } from './totp.js';

/** RFC 6238 appendix B, the last six of its eight digits. */
const VECTORS: readonly (readonly [seconds: number, code: string])[] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];
const RFC_SECRET = Buffer.from('12345678901234567890');

const secrets = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => Buffer.from(bytes));
const steps = fc.integer({ min: 10, max: 100_000_000 });

function codeOf(secret: Buffer, step: number): string {
  return HOTP.generate({ secret: Secret.fromHex(secret.toString('hex')), counter: step });
}

describe('TOTP', () => {
  it.each(VECTORS)('takes the code of RFC 6238 at %i s', (seconds, code) => {
    expect(totpStepOf(RFC_SECRET, code, new Date(seconds * 1000))).toBe(Math.floor(seconds / 30));
  });

  it('takes the codes of this step and its neighbours, wherever in the step it is asked', () => {
    fc.assert(
      fc.property(secrets, steps, fc.integer({ min: -1, max: 1 }), fc.integer({ min: 0, max: 29_999 }), (...sample) => {
        const [secret, step, offset, withinMs] = sample;
        const found = totpStepOf(secret, codeOf(secret, step + offset), new Date(step * 30_000 + withinMs));
        // Two steps may share a code by chance; what is found is one of it.
        expect(found).not.toBeNull();
        expect(codeOf(secret, found!)).toBe(codeOf(secret, step + offset));
      }),
    );
  });

  it('takes no code of steps further away, unless it is also one of these', () => {
    const far = fc.integer({ min: 2, max: 1000 });
    fc.assert(
      fc.property(secrets, steps, far, fc.boolean(), (secret, step, distance, before) => {
        const code = codeOf(secret, Math.max(0, before ? step - distance : step + distance));
        const near = [step - 1, step, step + 1].map((each) => codeOf(secret, each));
        const found = totpStepOf(secret, code, new Date(step * 30_000));
        expect(found === null).toBe(!near.includes(code));
      }),
    );
  });

  it.each(['', '12345', '1234567', '12345a', ' 123456', '１２３４５６', '-12345', '1e5000'])('takes no %j', (text) => {
    expect(totpStepOf(RFC_SECRET, text, new Date(59_000))).toBeNull();
  });

  it('makes secrets of 160 bits, 32 characters to type', () => {
    const secret = newTotpSecret();
    expect(secret).toHaveLength(20);
    expect(totpSecretText(secret)).toMatch(/^[A-Z2-7]{32}$/);
    expect(newTotpSecret().equals(secret)).toBe(false);
  });

  it('writes the address that apps read, and draws it', () => {
    const uri = new URL(totpUri(RFC_SECRET, 'Tele Flow', 'ada+x@example.com'));
    expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp']);
    expect(decodeURIComponent(uri.pathname)).toBe('/Tele Flow:ada+x@example.com');
    expect(Object.fromEntries(uri.searchParams)).toMatchObject({
      issuer: 'Tele Flow',
      secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    const svg = Buffer.from(qrCodeOf(uri.href).replace('data:image/svg+xml;base64,', ''), 'base64').toString();
    expect(svg).toMatch(/^<svg [^]*<\/svg>$/);
    expect(svg).not.toMatch(/<script|href/);
  });
});
