import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** Why somebody else ends a user's sessions. */
export type ForcedEnd = 'password_changed' | 'user_disabled' | 'revoked';

export interface SessionOwner {
  readonly userId: string;
  readonly organizationId: string;
}

/** What the module of sessions knows how to do. */
export interface SessionEnder {
  /**
   * Ends all sessions of the user in the caller's transaction.
   *
   * @returns what to call once that has committed: from then on this node refuses their tokens
   */
  endAll(manager: EntityManager, owner: SessionOwner, reason: ForcedEnd): Promise<() => void>;
}

/** Where that module, which lies above this one, registers itself. Without it there are no sessions to end. */
@Injectable()
export class UserSessions implements SessionEnder {
  #ender: SessionEnder | undefined;

  register(ender: SessionEnder): void {
    this.#ender = ender;
  }

  async endAll(manager: EntityManager, owner: SessionOwner, reason: ForcedEnd): Promise<() => void> {
    return (await this.#ender?.endAll(manager, owner, reason)) ?? (() => undefined);
  }
}
