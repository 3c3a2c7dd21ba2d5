import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SecretBox } from './secret-box.js';

const box = new SecretBox('a secret of the operator, of some length', 'tests');
const secret = randomBytes(20);

describe('SecretBox', () => {
  it('opens what it sealed, for the same owner', () => {
    expect(box.open(box.seal(secret, 'ada'), 'ada')).toEqual(secret);
  });

  it('never seals twice alike, and shows nothing of what is inside', () => {
    const [one, other] = [box.seal(secret, 'ada'), box.seal(secret, 'ada')];
    expect(one.equals(other)).toBe(false);
    expect(one.includes(secret)).toBe(false);
  });

  it('opens neither for another owner, nor under another key or purpose', () => {
    const sealed = box.seal(secret, 'ada');
    expect(() => box.open(sealed, 'bob')).toThrow('unable to authenticate');
    expect(() => new SecretBox('another secret', 'tests').open(sealed, 'ada')).toThrow('unable to authenticate');
    expect(() => new SecretBox('a secret of the operator, of some length', 'others').open(sealed, 'ada')).toThrow(
      'unable to authenticate',
    );
  });

  it('notices any altered byte, and what is too short', () => {
    const sealed = box.seal(secret, 'ada');
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed);
      altered[at]! ^= 1;
      expect(() => box.open(altered, 'ada')).toThrow('unable to authenticate');
    }
    expect(() => box.open(sealed.subarray(0, 20), 'ada')).toThrow('too short');
  });
});
