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

  /**
   * Runs an attempt. It is paid for in advance, so that attempts that run at the same time count too, and given back unless
   * it failed; one that could not be judged, because something is away, did not.
   *
   * @throws DomainError RATE_LIMIT_EXCEEDED when too much has failed from there
   */
  async attempt<T>(ip: string, run: () => Promise<T>, hasFailed: (result: T) => boolean): Promise<T> {
    const network = networkOf(ip);
    this.#assertMayFail(network);
    this.#failures.spend(network, this.#rate);
    let failed = false;
    try {
      const result = await run();
      failed = hasFailed(result);
      return result;
    } finally {
      if (!failed) this.#failures.spend(network, this.#rate, -1);
    }
  }

  #assertMayFail(network: string): void {
    const waitMs = this.#failures.waitMs(network, this.#rate);
    if (waitMs <= 0) return;
    const seconds = Math.ceil(waitMs / 1000);
    throw new DomainError('RATE_LIMIT_EXCEEDED', `Too much has failed; try again in ${seconds} s`, [], seconds);
  }
}
