import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keeps secrets that the server has to read again (AES-256-GCM). Each is sealed for an owner, and opens for no other: a
 * row that somebody copies to another user is worth nothing.
 */
export class SecretBox {
  readonly #key: Buffer;

  /** @param purpose separates keys that are made of one secret (HKDF, RFC 5869) */
  constructor(secret: string, purpose: string) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', purpose, KEY_BYTES));
  }

  /** Nonce, ciphertext and tag, in this order. */
  seal(plaintext: Buffer, owner: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(Buffer.from(owner));
    return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws Error when it was sealed under another key or for another owner, or altered since */
  open(sealed: Buffer, owner: string): Buffer {
    const tagAt = sealed.length - TAG_BYTES;
    if (tagAt < NONCE_BYTES) throw new Error('The sealed secret is too short');
    const decipher = createDecipheriv(ALGORITHM, this.#key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    })
      .setAAD(Buffer.from(owner))
      .setAuthTag(sealed.subarray(tagAt));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, tagAt)), decipher.final()]);
  }
}
