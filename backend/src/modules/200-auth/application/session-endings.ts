import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ClusterEvents, type PlatformEvent } from '../../../shared/messaging/index.js';
import { beyondPlace } from '../../../shared/platform/database/index.js';
import { type ForcedEnd, type SessionEnder, type SessionOwner, UserSessions } from '../../100-core/index.js';
import type { SessionEnd } from '../domain/session.js';
import { KnownDevices } from './known-devices.js';
import { LiveSessions } from './live-sessions.js';
import { OneTimeTokens } from './one-time-tokens.js';
import { RESET_PURPOSES } from './reset-tokens.js';
import { SESSION_ENDED } from './session-ended.js';
import { type SessionChoice, Sessions } from './sessions.js';

/** Ends several sessions at once, and has every node know: this one after the commit, the others by the event. */
@Injectable()
export class SessionEndings implements SessionEnder, OnModuleInit {
  constructor(
    private readonly sessions: Sessions,
    private readonly live: LiveSessions,
    private readonly tokens: OneTimeTokens,
    private readonly devices: KnownDevices,
    private readonly cluster: ClusterEvents,
    private readonly users: UserSessions,
  ) {}

  onModuleInit(): void {
    this.users.register(this);
    this.cluster.listen(SESSION_ENDED, (event) => this.#forget(event));
  }

  /**
   * Everything of the user, logins that wait for their second factor included. With another password, or a closed account,
   * links to choose a password open nothing any more either.
   */
  async endAll(manager: EntityManager, { userId }: SessionOwner, reason: ForcedEnd): Promise<() => void> {
    if (reason !== 'revoked') {
      await beyondPlace(manager, 'authentication', () => this.tokens.voidAll(manager, userId, RESET_PURPOSES));
    }
    const ids = await this.end(manager, { userId }, reason);
    return () => this.forget(ids);
  }

  /**
   * Ends the chosen sessions in the caller's transaction. Call {@link forget} with the answer once it has committed.
   *
   * @returns ids of those that were alive
   */
  async end(manager: EntityManager, choice: SessionChoice, reason: SessionEnd): Promise<string[]> {
    return beyondPlace(manager, 'authentication', async () => {
      const ids = await this.sessions.endAll(manager, choice, reason, new Date());
      const chosen = choice.only ?? choice.knownDeviceId;
      if (chosen === undefined) await this.tokens.voidAll(manager, choice.userId, ['mfa_challenge']);
      // Whoever knew the former password may have trusted a device of theirs.
      if (reason === 'password_changed') await this.devices.withdrawTrust(manager, choice.userId);
      return ids;
    });
  }

  /** From now on this node refuses them. */
  forget(ids: readonly string[]): void {
    for (const id of ids) this.live.evict(id);
  }

  #forget({ payload }: PlatformEvent): void {
    const ids = payload['sessionIds'];
    if (Array.isArray(ids)) this.forget(ids.filter((id) => typeof id === 'string'));
  }
}
