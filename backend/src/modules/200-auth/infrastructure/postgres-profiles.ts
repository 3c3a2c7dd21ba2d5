import { Injectable } from '@nestjs/common';
import {
  type OwnPreferences,
  Preferences,
  type UpdatePreferencesRequest,
  type UpdateProfileRequest,
} from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../shared/platform/index.js';
import { personOf } from '../application/person.js';
import { type PasswordState, type ProfileDetails, Profiles } from '../application/profiles.js';

interface ProfileRow {
  readonly email_verified: boolean;
  readonly mfa_enabled: boolean;
  readonly recovery_email: string | null;
  readonly created_at: Date;
  readonly password_changed_at: Date | null;
  readonly force_password_change: boolean;
}

@Injectable()
export class PostgresProfiles extends Profiles {
  constructor(private readonly database: Database) {
    super();
  }

  async details(userId: string): Promise<ProfileDetails> {
    const row = await this.#row(userId);
    return {
      emailVerified: row.email_verified,
      mfaEnabled: row.mfa_enabled,
      recoveryEmail: row.recovery_email,
      createdAt: row.created_at,
    };
  }

  async passwordState(userId: string): Promise<PasswordState> {
    const row = await this.#row(userId);
    return { changedAt: row.password_changed_at, mustChange: row.force_password_change };
  }

  async update(manager: EntityManager, userId: string, changes: UpdateProfileRequest): Promise<void> {
    const { firstName, lastName, timezone, locale } = changes;
    await manager.query(
      `UPDATE users SET first_name = COALESCE($2, first_name), last_name = COALESCE($3, last_name),
              timezone = COALESCE($4, timezone), locale = COALESCE($5, locale), updated_at = now()
       WHERE user_id = $1 AND deleted_at IS NULL`,
      [userId, firstName ?? null, lastName ?? null, timezone ?? null, locale ?? null],
    );
  }

  async setAvatar(manager: EntityManager, userId: string, avatar: string | null): Promise<void> {
    await manager.query(
      'UPDATE users SET avatar_url = $2, updated_at = now() WHERE user_id = $1 AND deleted_at IS NULL',
      [userId, avatar],
    );
  }

  async setRecoveryEmail(manager: EntityManager, userId: string, recoveryEmail: string | null): Promise<void> {
    await manager.query(
      'UPDATE users SET recovery_email = $2, updated_at = now() WHERE user_id = $1 AND deleted_at IS NULL',
      [userId, recoveryEmail],
    );
  }

  async openAfterReset(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(
      `UPDATE users SET failed_login_attempts = 0, locked_until = NULL,
              email_verified_at = COALESCE(email_verified_at, now())
       WHERE user_id = $1 AND deleted_at IS NULL`,
      [userId],
    );
  }

  preferences(context: RequestContext): Promise<OwnPreferences> {
    return this.database.transaction(context, async (manager) => {
      const rows = await manager.query<{ preferences: unknown }[]>(
        'SELECT preferences FROM user_preferences WHERE user_id = $1',
        [personOf(context).userId],
      );
      return preferencesOf(rows);
    });
  }

  mergePreferences(context: RequestContext, changes: UpdatePreferencesRequest): Promise<OwnPreferences> {
    return this.database.transaction(context, async (manager) => {
      const rows = await manager.query<{ preferences: unknown }[]>(
        `INSERT INTO user_preferences AS p (user_id, preferences) VALUES ($1, $2)
         ON CONFLICT (user_id) DO UPDATE SET preferences = p.preferences || excluded.preferences, updated_at = now()
         RETURNING preferences`,
        [personOf(context).userId, JSON.stringify(changes)],
      );
      return preferencesOf(rows);
    });
  }

  async #row(userId: string): Promise<ProfileRow> {
    const [row] = await this.database.transaction(systemScope('authentication'), (manager) =>
      manager.query<ProfileRow[]>(
        `SELECT u.email_verified_at IS NOT NULL AS email_verified, u.recovery_email, u.created_at,
                u.password_changed_at, u.force_password_change,
                EXISTS (SELECT 1 FROM mfa_secrets m WHERE m.user_id = u.user_id AND m.enabled_at IS NOT NULL) AS mfa_enabled
         FROM users u WHERE u.user_id = $1 AND u.deleted_at IS NULL`,
        [userId],
      ),
    );
    if (!row) throw new NotFoundError('Account');
    return row;
  }
}

/** Fills in the defaults, also of preferences that are younger than the row. */
function preferencesOf(rows: readonly { readonly preferences: unknown }[]): OwnPreferences {
  const stored = rows[0]?.preferences ?? {};
  return { ...Preferences.parse(stored), chosen: Object.keys(stored).sort() };
}
