import type { EntityManager } from 'typeorm';
import { DomainError } from '../../../shared/platform/index.js';

export interface WindowLimit {
  /** What is counted: `password_reset`. */
  readonly purpose: string;
  readonly requests: number;
  readonly windowSeconds: number;
}

/** Counts what may be asked for a few times an hour, the same on every node and after a restart. */
export abstract class RequestWindows {
  /**
   * Counts a request in the caller's transaction, which must be in `systemScope('authentication')`.
   *
   * @param key whom it is counted for; stored as a hash
   * @throws DomainError RATE_LIMIT_EXCEEDED, with the seconds until the window ends
   */
  async take(manager: EntityManager, limit: WindowLimit, key: string): Promise<void> {
    const { requests, secondsLeft } = await this.count(manager, limit, key);
    if (requests <= limit.requests) return;
    throw new DomainError(
      'RATE_LIMIT_EXCEEDED',
      `This can be asked for ${limit.requests} times in ${limit.windowSeconds / 60} minutes; try again in ${Math.ceil(secondsLeft / 60)} minutes`,
      [],
      secondsLeft,
    );
  }

  /** Requests of the running window, this one included, and the whole seconds until it ends, at least 1. */
  protected abstract count(
    manager: EntityManager,
    limit: WindowLimit,
    key: string,
  ): Promise<{ requests: number; secondsLeft: number }>;
}
