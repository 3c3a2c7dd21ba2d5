import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits as base64url; nothing can be read from it. */
export function generateOpaqueToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of an opaque token: a high-entropy value needs no slow hash. */
export function hashOfOpaqueToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
