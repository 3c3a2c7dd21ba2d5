import { Injectable } from '@nestjs/common';
import type { PasswordStatus, PasswordStrength } from '@telemetryflow/contracts';
import { DomainError, type RequestContext } from '../../../../shared/platform/index.js';
import { networkOf } from '../../../../shared/platform/network-of.js';
import { TokenBuckets } from '../../../../shared/platform/token-buckets.js';
import { PasswordPolicy } from '../../../100-core/index.js';
import { PasswordExpiry } from '../password-expiry.js';
import { personOf } from '../person.js';
import { Profiles } from '../profiles.js';
import type { RequestOrigin } from '../request-origin.js';

/** A fast typist, asked at every pause. */
const RATE = { perSecond: 2, burst: 60 };

/** What a person wants to know about passwords: how good one would be, and how long theirs is good for. */
@Injectable()
export class PasswordAdvice {
  readonly #asked = new TokenBuckets({ maxKeys: 10_000 });

  constructor(
    private readonly policy: PasswordPolicy,
    private readonly profiles: Profiles,
    private readonly expiry: PasswordExpiry,
  ) {}

  /** @throws DomainError RATE_LIMIT_EXCEEDED: an estimate costs some milliseconds */
  strength(origin: RequestOrigin, password: string): Promise<PasswordStrength> {
    const network = networkOf(origin.ip);
    const waitMs = this.#asked.waitMs(network, RATE);
    if (waitMs > 0) {
      const seconds = Math.ceil(waitMs / 1000);
      throw new DomainError('RATE_LIMIT_EXCEEDED', `Too many questions; try again in ${seconds} s`, [], seconds);
    }
    this.#asked.spend(network, RATE);
    return this.policy.assess(password, { email: '', names: [] });
  }

  async status(context: RequestContext): Promise<PasswordStatus> {
    const { changedAt, mustChange } = await this.profiles.passwordState(personOf(context).userId);
    const expiresAt = this.expiry.expiresAt(changedAt);
    return {
      changedAt: changedAt?.toISOString() ?? null,
      expiresAt: expiresAt?.toISOString() ?? null,
      mustChange: this.expiry.mustChange(mustChange, changedAt, new Date()),
    };
  }
}
