import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { networkOf } from '../network-of.js';

/**
 * Who a request is counted for: the session of an access token that this platform signed, else the peer's address. A
 * made-up token must not buy its sender a fresh allowance, so the signature is checked; whether the session still lives
 * is the guard's question.
 */
export function rateLimitIdentity(request: Pick<FastifyRequest, 'headers' | 'ip'>, jwtSecret: string): string {
  const token = /^Bearer (eyJ[\w-]+\.[\w-]+)\.([\w-]+)$/i.exec(request.headers.authorization ?? '');
  const session = token === null ? undefined : signedSession(token[1] ?? '', token[2] ?? '', jwtSecret);
  return session === undefined ? `ip:${networkOf(request.ip)}` : `session:${session}`;
}

function signedSession(signed: string, signature: string, jwtSecret: string): string | undefined {
  const expected = createHmac('sha256', jwtSecret).update(signed).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  // Signed by us, so it is JSON.
  const claims: unknown = JSON.parse(Buffer.from(signed.split('.')[1] ?? '', 'base64url').toString('utf8'));
  if (typeof claims !== 'object' || claims === null || !('sessionId' in claims)) return undefined;
  return typeof claims.sessionId === 'string' ? claims.sessionId : undefined;
}
