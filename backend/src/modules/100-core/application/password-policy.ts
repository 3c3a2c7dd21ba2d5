import { Injectable } from '@nestjs/common';
import type { PasswordStrength } from '@telemetryflow/contracts';
import { ValidationError } from '../../../shared/platform/index.js';
import { SecretHasher } from '../../../shared/platform/secret-hasher.js';
import { failedRules, PASSWORD_MAX_LENGTH, type PasswordOwner } from '../domain/password-rules.js';
import { PasswordEstimator } from './password-estimator.js';

export interface PasswordCandidateOwner extends PasswordOwner {
  /** What their last passwords were stored as (`PasswordHistory.recent`); a person who had none leaves it out. */
  readonly recentHashes?: readonly string[];
}

/**
 * What a password that somebody chooses must be: long enough, hard to guess, not one of the common ones, not about its
 * owner, and new. It judges choices only; seeding and logins never ask it.
 */
@Injectable()
export class PasswordPolicy {
  constructor(
    private readonly estimator: PasswordEstimator,
    private readonly hasher: SecretHasher,
  ) {}

  /**
   * @param path the request's field, for the errors
   * @throws ValidationError that names every failed rule
   */
  async assert(password: string, owner: PasswordCandidateOwner, path = 'password'): Promise<void> {
    const { failures } = await this.assess(password, owner);
    if (failures.length > 0) throw new ValidationError(failures.map((failure) => ({ path, ...failure })));
  }

  /** The same judgement for a person who is still typing. */
  async assess(password: string, owner: PasswordCandidateOwner): Promise<PasswordStrength> {
    const { email, names } = owner;
    const { score, common } = await this.estimator.estimate(password, [email, ...email.split(/[@.+_-]/), ...names]);
    const reused = await this.#isReused(password, owner.recentHashes ?? []);
    const failures = failedRules(password, owner, { score, common, reused });
    return { score, acceptable: failures.length === 0, failures };
  }

  async #isReused(password: string, hashes: readonly string[]): Promise<boolean> {
    if (password.length > 2 * PASSWORD_MAX_LENGTH) return false;
    for (const hash of hashes) if (await this.hasher.verify(hash, password)) return true;
    return false;
  }
}
