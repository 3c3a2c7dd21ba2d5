import { describe, expect, it } from 'vitest';
import { generateRecoveryCodes, normalizedRecoveryCode } from './recovery-codes.js';

describe('recovery codes', () => {
  it('are ten different ones of the form XXXXX-XXXXX', () => {
    const codes = generateRecoveryCodes();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[0-9A-F]{5}-[0-9A-F]{5}$/);
  });

  it('are the same however they are spelled', () => {
    for (const text of ['0A1B2-3C4D5', '0a1b23c4d5', ' 0a1b2 3c4d5 ', '0-A-1B2-3c4-d5'])
      expect(normalizedRecoveryCode(text)).toBe('0A1B23C4D5');
  });

  it.each(['', '123456', '0A1B2-3C4DG', '0A1B2-3C4D5F', 'x'.repeat(32)])('are not %j', (text) => {
    expect(normalizedRecoveryCode(text)).toBeNull();
  });
});
