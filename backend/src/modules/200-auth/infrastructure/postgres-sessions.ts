import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { newId } from '../../../shared/platform/index.js';
import { tellSessionsEnded } from '../application/session-ended.js';
import { PasswordExpiry } from '../application/password-expiry.js';
import { type LiveSession, type PresentedToken, type SessionChoice, Sessions } from '../application/sessions.js';
import { Session, type SessionEnd } from '../domain/session.js';

interface TokenRow {
  readonly refresh_token_id: string;
  readonly session_id: string;
  readonly expires_at: Date;
  readonly rotated: boolean;
  readonly lost_race: boolean;
}

/** Neither the user `u` nor anything of their home place is deactivated or deleted. */
const USER_IS_ACTIVE = `u.is_active AND u.deleted_at IS NULL
  AND EXISTS (SELECT 1 FROM open_places p WHERE p.tenant_id = u.tenant_id)`;

interface LiveRow {
  readonly user_id: string;
  readonly email: string;
  readonly force_password_change: boolean;
  readonly password_changed_at: Date | null;
  readonly created_at: Date;
  readonly has_mfa: boolean;
}

@Injectable()
export class PostgresSessions extends Sessions {
  constructor(
    private readonly database: Database,
    private readonly expiry: PasswordExpiry,
  ) {
    super();
  }

  async add(manager: EntityManager, session: Session): Promise<void> {
    await manager.getRepository(Session).insert(session);
  }

  async save(manager: EntityManager, session: Session): Promise<void> {
    await manager.getRepository(Session).save(session);
  }

  forUpdate(manager: EntityManager, id: string): Promise<Session | null> {
    return manager.getRepository(Session).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  async addToken(manager: EntityManager, session: Session, tokenHash: Buffer): Promise<string> {
    const tokenId = newId();
    await manager.query(
      `INSERT INTO refresh_tokens (refresh_token_id, session_id, organization_id, token_hash, expires_at)
       VALUES ($1, $2, $3, $4, $5)`,
      [tokenId, session.id, session.organizationId, tokenHash, session.expiresAt],
    );
    return tokenId;
  }

  async presentToken(manager: EntityManager, tokenHash: Buffer): Promise<PresentedToken | null> {
    // Whoever waits for the lock sees the winner's rotation; now() is when the waiting transaction began.
    const [token] = await manager.query<TokenRow[]>(
      `SELECT refresh_token_id, session_id, expires_at, rotated_at IS NOT NULL AS rotated,
              COALESCE(rotated_at > now(), false) AS lost_race
       FROM refresh_tokens WHERE token_hash = $1 FOR UPDATE`,
      [tokenHash],
    );
    const session = token && (await this.forUpdate(manager, token.session_id));
    if (!token || !session) return null;
    const [user] = await manager.query<{ is_active: boolean }[]>(
      `SELECT ${USER_IS_ACTIVE} AS is_active FROM users u WHERE u.user_id = $1`,
      [session.userId],
    );
    return {
      tokenId: token.refresh_token_id,
      session,
      expiresAt: token.expires_at,
      rotated: token.rotated,
      lostRace: token.lost_race,
      userIsActive: user?.is_active ?? false,
    };
  }

  async rotate(manager: EntityManager, tokenId: string, replacedBy: string): Promise<void> {
    await manager.query(
      'UPDATE refresh_tokens SET rotated_at = clock_timestamp(), replaced_by = $2 WHERE refresh_token_id = $1',
      [tokenId, replacedBy],
    );
  }

  async endAll(manager: EntityManager, choice: SessionChoice, reason: SessionEnd, now: Date): Promise<string[]> {
    const { userId, only = null, except = null, knownDeviceId = null } = choice;
    const [ended] = await manager.query<[{ session_id: string; organization_id: string }[], number]>(
      `UPDATE sessions SET ended_at = $1, end_reason = $2
       WHERE user_id = $3 AND ended_at IS NULL AND session_id IS DISTINCT FROM $4
         AND ($5::uuid IS NULL OR known_device_id = $5) AND ($6::uuid IS NULL OR session_id = $6)
         AND expires_at > $1
       RETURNING session_id, organization_id`,
      [now, reason, userId, except, knownDeviceId, only],
    );
    const ids = ended.map(({ session_id }) => session_id);
    await tellSessionsEnded(manager, ended[0]?.organization_id ?? null, ids, reason);
    return ids;
  }

  live(sessionId: string): Promise<LiveSession | null> {
    return this.database.transaction(systemScope('authentication'), async (manager) => {
      const [row] = await manager.query<LiveRow[]>(
        `SELECT u.user_id, u.email, u.force_password_change, u.password_changed_at, s.created_at,
                EXISTS (SELECT 1 FROM mfa_secrets m WHERE m.user_id = u.user_id AND m.enabled_at IS NOT NULL) AS has_mfa
         FROM sessions s JOIN users u ON u.user_id = s.user_id
         WHERE s.session_id = $1 AND s.ended_at IS NULL AND s.expires_at > now() AND ${USER_IS_ACTIVE}`,
        [sessionId],
      );
      if (!row) return null;
      return {
        userId: row.user_id,
        email: row.email,
        mustChangePassword: this.expiry.mustChange(row.force_password_change, row.password_changed_at, new Date()),
        hasSecondFactor: row.has_mfa,
        startedAt: row.created_at,
      };
    });
  }
}
