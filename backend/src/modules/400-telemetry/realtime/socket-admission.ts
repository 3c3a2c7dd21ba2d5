import type { IncomingMessage } from 'node:http';
import type { OriginPolicy } from '../../../shared/cors/index.js';

/** Sockets of one node, and of one person on it. */
export const MAX_SOCKETS = 5_000;
export const MAX_SOCKETS_PER_USER = 20;

/** Whether the page that opens a socket may: our own, or one of the origins that CORS lets in. Programs name none. */
export function isAllowedOrigin({ headers }: IncomingMessage, policy: OriginPolicy): boolean {
  const { origin, host } = headers;
  if (origin === undefined || headers['sec-fetch-site'] === 'same-origin') return true;
  if (URL.canParse(origin) && new URL(origin).host === host) return true;
  return policy.allows(origin);
}

/** Counts the sockets of each person. */
export class SocketCounts {
  readonly #byUser = new Map<string, number>();

  /** False when the person has as many as they may. */
  take(userId: string): boolean {
    const count = this.#byUser.get(userId) ?? 0;
    if (count >= MAX_SOCKETS_PER_USER) return false;
    this.#byUser.set(userId, count + 1);
    return true;
  }

  release(userId: string): void {
    const count = (this.#byUser.get(userId) ?? 0) - 1;
    if (count > 0) this.#byUser.set(userId, count);
    else this.#byUser.delete(userId);
  }
}
