import { randomBytes } from 'node:crypto';

const COUNT = 10;
const CODE = /^[0-9A-F]{10}$/;

/** Ten codes of the form `XXXXX-XXXXX`, 40 random bits each, all different. */
export function generateRecoveryCodes(): string[] {
  const codes = new Set<string>();
  while (codes.size < COUNT) {
    codes.add(
      randomBytes(5)
        .toString('hex')
        .toUpperCase()
        .replace(/^(.{5})/, '$1-'),
    );
  }
  return [...codes];
}

/** As it is hashed, however somebody spelled it; null: it is no recovery code. */
export function normalizedRecoveryCode(text: string): string | null {
  const code = text.replace(/[\s-]/g, '').toUpperCase();
  return CODE.test(code) ? code : null;
}
