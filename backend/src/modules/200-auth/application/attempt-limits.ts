import { Inject, Injectable } from '@nestjs/common';
import { DomainError, RUNTIME, type Runtime } from '../../../shared/platform/index.js';
import { networkOf } from '../../../shared/platform/network-of.js';
import { TokenBuckets, type TokenRate } from '../../../shared/platform/token-buckets.js';

const MAX_NETWORKS = 50_000;

/**
 * How often logins, codes and links from one network may fail: an account locks after five, but whoever tries one password
 * on every account would never meet that. Counted per node.
 */
@Injectable()
export class AttemptLimits {
  readonly #failures = new TokenBuckets({ maxKeys: MAX_NETWORKS });
  readonly #rate: TokenRate;

  constructor(@Inject(RUNTIME) { config }: Runtime) {
    const { SIGN_IN_FAILURES_PER_MINUTE: burst } = config;
    this.#rate = { perSecond: burst / 60, burst };
  }

  /** @throws DomainError RATE_LIMIT_EXCEEDED when too much has failed from there */
  assertMayFail(ip: string): void {
    const waitMs = this.#failures.waitMs(networkOf(ip), this.#rate);
    if (waitMs <= 0) return;
    const seconds = Math.ceil(waitMs / 1000);
    throw new DomainError('RATE_LIMIT_EXCEEDED', `Too much has failed; try again in ${seconds} s`, [], seconds);
  }

  countFailure(ip: string): void {
    this.#failures.spend(networkOf(ip), this.#rate);
  }
}
