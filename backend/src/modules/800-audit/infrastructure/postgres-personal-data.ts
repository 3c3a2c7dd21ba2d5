import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { PersonalData, type EndedKey, type Person, type PersonalRecords } from '../application/personal-data.js';
import { asJson, asRecord, isRecord } from '../domain/canonical-json.js';

const PERSON = `
  SELECT u.user_id AS "userId", u.organization_id AS "organizationId", u.email,
         trim(u.first_name || ' ' || u.last_name) AS "fullName", u.email LIKE 'erased-%@erased.invalid' AS "isErased"
  FROM users u WHERE u.user_id = $1 AND ($2::uuid IS NULL OR u.organization_id = $2)`;

/** Each with the person's id as $1; JSON in the names of the API. Never a hash or a secret. */
const RECORDS = {
  user: `
    SELECT u.user_id AS id, u.email, u.first_name AS "firstName", u.last_name AS "lastName", u.organization_id AS "organizationId",
           u.workspace_id AS "workspaceId", u.tenant_id AS "tenantId", u.avatar_url AS avatar, u.timezone, u.locale,
           u.recovery_email AS "recoveryEmail", u.email_verified_at AS "emailVerifiedAt", u.is_active AS "isActive",
           u.password_changed_at AS "passwordChangedAt", u.last_login_at AS "lastLoginAt", u.last_login_ip AS "lastLoginIp",
           u.login_count AS "loginCount", u.failed_login_attempts AS "failedLoginAttempts",
           u.last_failed_login_at AS "lastFailedLoginAt", u.created_at AS "createdAt", u.updated_at AS "updatedAt",
           u.deleted_at AS "deletedAt", (SELECT preferences FROM user_preferences p WHERE p.user_id = u.user_id) AS preferences,
           EXISTS (SELECT 1 FROM mfa_secrets m WHERE m.user_id = u.user_id AND m.enabled_at IS NOT NULL) AS "mfaEnabled",
           ARRAY(SELECT g.name FROM groups g JOIN group_members m ON m.group_id = g.group_id
                 WHERE m.user_id = u.user_id ORDER BY g.name) AS groups
    FROM users u WHERE u.user_id = $1`,
  roles: `
    SELECT r.code AS role, r.name, a.scope_type AS "scopeType", a.scope_id AS "scopeId", a.assigned_at AS "assignedAt",
           a.expires_at AS "expiresAt"
    FROM role_assignments a JOIN roles r ON r.role_id = a.role_id WHERE a.user_id = $1 ORDER BY a.assigned_at`,
  sessions: `
    SELECT session_id AS id, ip_address AS ip, user_agent AS "userAgent", created_at AS "createdAt",
           last_used_at AS "lastActivityAt", expires_at AS "expiresAt", ended_at AS "endedAt", end_reason AS "endReason"
    FROM sessions WHERE user_id = $1 ORDER BY created_at`,
  devices: `
    SELECT known_device_id AS id, name, user_agent AS "userAgent", last_ip AS "lastIp", login_count AS "loginCount",
           trusted_until AS "trustExpiresAt", first_seen_at AS "firstSeenAt", last_seen_at AS "lastSeenAt"
    FROM known_devices WHERE user_id = $1 ORDER BY first_seen_at`,
  apiKeys: `
    SELECT api_key_id AS id, key_id AS "keyId", name, description, permissions, status, created_at AS "createdAt",
           last_used_at AS "lastUsedAt", last_used_ip AS "lastUsedIp"
    FROM api_keys WHERE created_by = $1 ORDER BY created_at`,
  savedViews: `
    SELECT saved_view_id AS id, name, description, page, state, visibility, created_at AS "createdAt",
           updated_at AS "updatedAt"
    FROM saved_views WHERE owner_id = $1 ORDER BY created_at`,
} as const;

/** Tables that hold nothing but what is the person's. */
const OWN_TABLES = [
  'sessions',
  'known_devices',
  'mfa_secrets',
  'password_history',
  'user_preferences',
  'avatars',
  'one_time_tokens',
] as const;

@Injectable()
export class PostgresPersonalData extends PersonalData {
  async find(manager: EntityManager, userId: string, organizationId: string | null): Promise<Person | null> {
    const [person] = await manager.query<Person[]>(PERSON, [userId, organizationId]);
    return person ?? null;
  }

  async lock(manager: EntityManager, userId: string, organizationId: string | null): Promise<Person | null> {
    const [person] = await manager.query<Person[]>(`${PERSON} FOR UPDATE`, [userId, organizationId]);
    return person ?? null;
  }

  async read(manager: EntityManager, userId: string): Promise<PersonalRecords> {
    const rows = async (sql: string) => {
      const found = asJson(await manager.query<unknown[]>(sql, [userId]));
      return Array.isArray(found) ? found.filter(isRecord).map((row) => ({ ...row })) : [];
    };
    const [user] = await rows(RECORDS.user);
    return {
      user: { ...asRecord(user ?? {}) },
      roles: await rows(RECORDS.roles),
      sessions: await rows(RECORDS.sessions),
      devices: await rows(RECORDS.devices),
      apiKeys: await rows(RECORDS.apiKeys),
      savedViews: await rows(RECORDS.savedViews),
    };
  }

  async deactivate(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(
      'UPDATE users SET is_active = false, deleted_at = COALESCE(deleted_at, now()), updated_at = now() WHERE user_id = $1',
      [userId],
    );
    for (const table of ['role_assignments', 'permission_grants', 'group_members']) {
      await manager.query(`DELETE FROM ${table} WHERE user_id = $1`, [userId]);
    }
  }

  async endKeys(manager: EntityManager, userId: string, endedBy: string): Promise<EndedKey[]> {
    const [keys] = await manager.query<[EndedKey[], number]>(
      `UPDATE api_keys SET status = 'revoked', revoked_at = now(), revoked_by = $2, updated_at = now(),
              revoked_reason = 'its owner was erased'
       WHERE created_by = $1 AND status IN ('active', 'rotated', 'suspended') AND NOT is_system
       RETURNING api_key_id AS id, key_id AS "keyId", name`,
      [userId, endedBy],
    );
    return keys;
  }

  async erase(manager: EntityManager, { userId, email }: Person, pseudonym: string): Promise<void> {
    for (const table of OWN_TABLES) await manager.query(`DELETE FROM ${table} WHERE user_id = $1`, [userId]);
    await manager.query('DELETE FROM one_time_tokens WHERE email = $1', [email]);
    // Shared views stay with the tenant that they were made for, under the pseudonym.
    await manager.query(`DELETE FROM saved_views WHERE owner_id = $1 AND visibility = 'private'`, [userId]);
    await manager.query(
      `UPDATE users SET email = $2, first_name = '', last_name = '', avatar_url = NULL, recovery_email = NULL,
              password_hash = NULL, timezone = 'UTC', locale = 'en-US', last_login_ip = NULL, last_login_at = NULL,
              last_failed_login_at = NULL, failed_login_attempts = 0, locked_until = NULL, login_count = 0
       WHERE user_id = $1`,
      [userId, `${pseudonym}@erased.invalid`],
    );
    // What was relayed long ago would go by itself after some days; it goes now.
    await manager.query(
      `DELETE FROM outbox WHERE published_at IS NOT NULL
         AND (payload #>> '{actor,id}' = $1 OR payload #>> '{resource,id}' = $1)`,
      [userId],
    );
  }
}
