import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type Duty, RUNTIME, type Runtime } from '../../../shared/platform/index.js';
import { type Access, AccessDirectory } from '../../100-core/index.js';
import type { Account } from './accounts.js';

/** What somebody has, of what they may have to have first. */
interface Standing {
  readonly mustChangePassword: boolean;
  readonly hasSecondFactor: boolean;
}

/** Tiers 1 and 2: super administrators and administrators. */
const ADMINISTRATORS = 2;

/** What a person has to do before the platform opens to them. */
@Injectable()
export class Duties {
  readonly #demanded: Runtime['config']['MFA_REQUIRED'];

  constructor(
    private readonly access: AccessDirectory,
    @Inject(RUNTIME) { config }: Runtime,
  ) {
    this.#demanded = config.MFA_REQUIRED;
  }

  /** The first of them; null: none. */
  of(standing: Standing, access: Access, now: number): Duty | null {
    if (standing.mustChangePassword) return 'new-password';
    return !standing.hasSecondFactor && this.#demandsFactor(access, now) ? 'second-factor' : null;
  }

  /** Whether a second factor is demanded of somebody who has none. */
  async lacksFactor({ userId, hasMfa }: Account): Promise<boolean> {
    return !hasMfa && this.#demandsFactor(await this.access.accessOf(userId), Date.now());
  }

  /** @throws DomainError AUTH_PASSWORD_CHANGE_REQUIRED or AUTH_MFA_ENROLMENT_REQUIRED */
  assertDone(duty: Duty | null, openBefore: readonly Duty[]): void {
    if (duty === null || openBefore.includes(duty)) return;
    throw duty === 'new-password'
      ? new DomainError('AUTH_PASSWORD_CHANGE_REQUIRED', 'Choose a new password first')
      : new DomainError(
          'AUTH_MFA_ENROLMENT_REQUIRED',
          'Set up a second factor first: this platform demands one of you',
        );
  }

  #demandsFactor(access: Access, now: number): boolean {
    if (this.#demanded === 'administrators') return access.strongestLevel(now) <= ADMINISTRATORS;
    return this.#demanded === 'everyone';
  }
}
