import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { type Account, Accounts } from '../application/accounts.js';
import { PasswordExpiry } from '../application/password-expiry.js';
import type { LoginAttempts } from '../domain/lockout.js';

interface AccountRow {
  readonly user_id: string;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly avatar_url: string | null;
  readonly timezone: string;
  readonly locale: string;
  readonly organization_id: string;
  readonly workspace_id: string;
  readonly tenant_id: string;
  readonly password_hash: string | null;
  readonly is_active: boolean;
  readonly failed_login_attempts: number;
  readonly locked_until: Date | null;
  readonly last_login_at: Date | null;
  readonly force_password_change: boolean;
  readonly password_changed_at: Date | null;
  readonly email_verified_at: Date | null;
  readonly has_mfa: boolean;
}

const ACCOUNT = `
  SELECT u.user_id, u.email, u.first_name, u.last_name, u.avatar_url, u.timezone, u.locale, u.organization_id,
         u.workspace_id, u.tenant_id, u.password_hash, u.failed_login_attempts, u.locked_until, u.last_login_at,
         u.force_password_change, u.password_changed_at, u.email_verified_at,
         EXISTS (SELECT 1 FROM mfa_secrets m WHERE m.user_id = u.user_id AND m.enabled_at IS NOT NULL) AS has_mfa,
         u.is_active AND EXISTS (SELECT 1 FROM open_places p WHERE p.tenant_id = u.tenant_id) AS is_active
  FROM users u
  WHERE u.deleted_at IS NULL`;

@Injectable()
export class PostgresAccounts extends Accounts {
  constructor(
    private readonly database: Database,
    private readonly expiry: PasswordExpiry,
  ) {
    super();
  }

  byEmail(email: string): Promise<Account | null> {
    return this.#one(`${ACCOUNT} AND u.email = $1`, email);
  }

  byId(userId: string): Promise<Account | null> {
    return this.#one(`${ACCOUNT} AND u.user_id = $1`, userId);
  }

  async attemptsForUpdate(manager: EntityManager, userId: string): Promise<LoginAttempts | null> {
    const [row] = await manager.query<Pick<AccountRow, 'failed_login_attempts' | 'locked_until'>[]>(
      `SELECT failed_login_attempts, locked_until FROM users
       WHERE user_id = $1 AND is_active AND deleted_at IS NULL FOR UPDATE`,
      [userId],
    );
    return row ? { failures: row.failed_login_attempts, lockedUntil: row.locked_until } : null;
  }

  async recordFailure(manager: EntityManager, userId: string, attempts: LoginAttempts, now: Date): Promise<void> {
    await manager.query(
      `UPDATE users SET failed_login_attempts = $2, locked_until = $3, last_failed_login_at = $4 WHERE user_id = $1`,
      [userId, attempts.failures, attempts.lockedUntil, now],
    );
  }

  async forgetFailures(manager: EntityManager, userId: string): Promise<void> {
    await manager.query('UPDATE users SET failed_login_attempts = 0, locked_until = NULL WHERE user_id = $1', [userId]);
  }

  async markVerified(manager: EntityManager, userId: string, email: string): Promise<boolean> {
    const [marked] = await manager.query<[unknown[], number]>(
      `UPDATE users SET email_verified_at = COALESCE(email_verified_at, now())
       WHERE user_id = $1 AND email = $2 AND deleted_at IS NULL RETURNING user_id`,
      [userId, email],
    );
    return marked.length > 0;
  }

  async recordLogin(manager: EntityManager, userId: string, ip: string, now: Date): Promise<void> {
    await manager.query(
      `UPDATE users SET failed_login_attempts = 0, locked_until = NULL, last_login_at = $2, last_login_ip = $3,
              login_count = login_count + 1
       WHERE user_id = $1`,
      [userId, now, ip],
    );
  }

  #one(sql: string, parameter: string): Promise<Account | null> {
    return this.database.transaction(systemScope('authentication'), async (manager) => {
      const [row] = await manager.query<AccountRow[]>(sql, [parameter]);
      return row ? accountOf(row, this.expiry) : null;
    });
  }
}

function accountOf(row: AccountRow, expiry: PasswordExpiry): Account {
  return {
    userId: row.user_id,
    email: row.email,
    firstName: row.first_name,
    lastName: row.last_name,
    avatar: row.avatar_url,
    timezone: row.timezone,
    locale: row.locale,
    organizationId: row.organization_id,
    workspaceId: row.workspace_id,
    tenantId: row.tenant_id,
    passwordHash: row.password_hash,
    isActive: row.is_active,
    attempts: { failures: row.failed_login_attempts, lockedUntil: row.locked_until },
    lastLoginAt: row.last_login_at,
    mustChangePassword: expiry.mustChange(row.force_password_change, row.password_changed_at, new Date()),
    emailVerifiedAt: row.email_verified_at,
    hasMfa: row.has_mfa,
  };
}
