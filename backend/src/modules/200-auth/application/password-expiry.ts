import { Inject, Injectable } from '@nestjs/common';
import { RUNTIME, type Runtime } from '../../../shared/platform/index.js';

const DAY_MS = 86_400_000;

/** How long passwords are good for: for ever, unless the operator has decided otherwise. */
@Injectable()
export class PasswordExpiry {
  readonly #days: number;

  constructor(@Inject(RUNTIME) runtime: Runtime) {
    this.#days = runtime.config.PASSWORD_EXPIRY_DAYS;
  }

  /** Null: never, or there is no password. */
  expiresAt(changedAt: Date | null): Date | null {
    return changedAt === null || this.#days === 0 ? null : new Date(changedAt.getTime() + this.#days * DAY_MS);
  }

  /** Whether the owner has to choose another one: it has expired, or somebody has decided so. */
  mustChange(isForced: boolean, changedAt: Date | null, now: Date): boolean {
    const expiresAt = this.expiresAt(changedAt);
    return isForced || (expiresAt !== null && expiresAt <= now);
  }
}
