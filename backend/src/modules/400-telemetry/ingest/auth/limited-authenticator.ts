import { isIP } from 'node:net';
import { networkOf } from '../../../../shared/platform/network-of.js';
import { TokenBuckets, type TokenRate } from '../../../../shared/platform/token-buckets.js';
import { ThrottledError } from '../ingest-error.js';
import { CREDENTIAL_HEADERS } from './api-key-ingest-authenticator.js';
import {
  IngestAuthError,
  type IngestAuthenticator,
  type IngestHeaders,
  type IngestPrincipal,
} from './ingest-authenticator.js';

export interface LimitedAuthenticatorOptions {
  readonly inner: IngestAuthenticator;
  /** Of one client address. */
  readonly failuresPerMinute: number;
  /** Whether the directly connected peer is a proxy that says truly, at the end of X-Forwarded-For, whom it speaks for. */
  readonly trustProxy: boolean;
  /** Whether the headers hold a credential that was let in lately. Has to be cheap: it is asked in a flood. */
  isProven(headers: IngestHeaders): boolean;
  /** Monotonic milliseconds; a test may bring its own. */
  readonly now?: () => number;
}

const MAX_CLIENTS = 20_000;

/**
 * Limits failed authentication by client address: beyond the limit the answer costs neither a look into the database nor an
 * Argon2 run. Exporters replay a refused batch for minutes, and many clients may share an address, so a credential that
 * was let in lately still is.
 */
export class LimitedAuthenticator implements IngestAuthenticator {
  readonly #options: LimitedAuthenticatorOptions;
  readonly #failures: TokenBuckets;
  readonly #rate: TokenRate;
  /** Credentials of clients that are being checked; each has paid for one failure in advance. */
  readonly #underWay = new Set<string>();
  #refusals = 0;

  constructor(options: LimitedAuthenticatorOptions) {
    this.#options = options;
    const { failuresPerMinute, now } = options;
    this.#failures = new TokenBuckets({ maxKeys: MAX_CLIENTS, ...(now === undefined ? {} : { now }) });
    this.#rate = { perSecond: failuresPerMinute / 60, burst: failuresPerMinute };
  }

  /** Requests refused for too many failures of their client's address since the start. */
  get refusals(): number {
    return this.#refusals;
  }

  /** @throws IngestAuthError; ThrottledError after too many failures */
  async authenticate(headers: IngestHeaders, remoteAddress: string): Promise<IngestPrincipal> {
    const client = networkOf(this.addressOf(headers, remoteAddress));
    const attempt = `${client}\n${CREDENTIAL_HEADERS.map((name) => headers[name] ?? '').join('\n')}`;
    // Many requests with one credential at once are one guess, whose check they share.
    const isFirst = !this.#underWay.has(attempt);
    const paid = isFirst && this.#pay(client, headers);
    if (paid) this.#underWay.add(attempt);
    try {
      const principal = await this.#options.inner.authenticate(headers, remoteAddress);
      if (paid) this.#failures.spend(client, this.#rate, -1);
      return principal;
    } catch (error) {
      const isFailure = error instanceof IngestAuthError && error.status === 401;
      if (isFailure !== paid) this.#failures.spend(client, this.#rate, isFailure ? 1 : -1);
      throw error;
    } finally {
      if (paid) this.#underWay.delete(attempt);
    }
  }

  /** The directly connected peer's address, or whom it speaks for when it is a trusted proxy. */
  addressOf(headers: IngestHeaders, remoteAddress: string): string {
    if (!this.#options.trustProxy) return remoteAddress;
    const forwarded = headers['x-forwarded-for'];
    // What is before the last entry was written by somebody else than the peer.
    const last = (Array.isArray(forwarded) ? forwarded.at(-1) : forwarded)?.split(',').at(-1)?.trim();
    return last !== undefined && isIP(last) !== 0 ? last : remoteAddress;
  }

  /**
   * Pays for a failure in advance, so that guesses that are checked at the same time count; false: what was let in lately
   * need not pay.
   */
  #pay(client: string, headers: IngestHeaders): boolean {
    const resetMs = this.#failures.waitMs(client, this.#rate);
    if (resetMs > 0) {
      if (this.#options.isProven(headers)) return false;
      this.#refusals += 1;
      const limit = this.#options.failuresPerMinute;
      throw new ThrottledError(
        `More than ${limit} failed authentications per minute from this address: correct the API key`,
        { limit, remaining: 0, resetMs },
      );
    }
    this.#failures.spend(client, this.#rate);
    return true;
  }
}
