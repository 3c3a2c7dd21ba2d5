import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits; nothing can be read from it. */
export function generateRefreshToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a refresh token: a high-entropy value needs no slow hash. */
export function hashOfRefreshToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
