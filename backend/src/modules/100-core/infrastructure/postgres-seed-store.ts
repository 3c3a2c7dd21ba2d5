import { Injectable } from '@nestjs/common';
import { PERMISSIONS, ROLE_PERMISSIONS, SYSTEM_ROLES } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { newId } from '../../../shared/platform/index.js';
import type { SeedPlace } from '../application/seed-data.js';
import { type NewSeedUser, SeedStore, type SeedTransaction } from '../application/seed-store.js';
import type { Place } from '../domain/access.js';
import { SYSTEM_ROLE_DEFINITIONS } from '../domain/system-roles.js';

const SEED_LOCK = 7_305_518_205;

@Injectable()
export class PostgresSeedStore extends SeedStore {
  constructor(private readonly database: Database) {
    super();
  }

  async usedEmails(emails: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.database.transaction(systemScope('platform'), (manager) =>
      manager.query<{ email: string }[]>('SELECT email FROM users WHERE email = ANY($1)', [emails]),
    );
    return new Set(rows.map(({ email }) => email));
  }

  async passwordHashes(emails: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.transaction(systemScope('platform'), (manager) =>
      manager.query<{ email: string; password_hash: string }[]>(
        'SELECT email, password_hash FROM users WHERE email = ANY($1) AND password_hash IS NOT NULL AND deleted_at IS NULL',
        [emails],
      ),
    );
    return new Map(rows.map((row) => [row.email, row.password_hash]));
  }

  transaction<T>(work: (seeding: SeedTransaction) => Promise<T>): Promise<T> {
    return this.database.transaction(systemScope('platform'), async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [SEED_LOCK]);
      return work(new PostgresSeedTransaction(manager));
    });
  }
}

class PostgresSeedTransaction implements SeedTransaction {
  constructor(private readonly manager: EntityManager) {}

  async syncPermissions(): Promise<void> {
    await this.manager.query(
      `INSERT INTO permissions (permission_id, name, resource, action)
       SELECT id, name, split_part(name, ':', 1), split_part(name, ':', 2) FROM unnest($1::uuid[], $2::text[]) AS p(id, name)
       ON CONFLICT (name) DO NOTHING`,
      [PERMISSIONS.map(() => newId()), PERMISSIONS],
    );
    await this.manager.query('DELETE FROM permissions WHERE name <> ALL($1)', [PERMISSIONS]);
    for (const code of SYSTEM_ROLES) {
      const { name, description, level } = SYSTEM_ROLE_DEFINITIONS[code];
      await this.manager.query(
        `INSERT INTO roles (role_id, organization_id, code, name, description, level, is_system)
         VALUES ($1, NULL, $2, $3, $4, $5, true)
         ON CONFLICT (organization_id, code) DO UPDATE
         SET name = excluded.name, description = excluded.description, level = excluded.level`,
        [newId(), code, name, description, level],
      );
      await this.#grantExactly(code, ROLE_PERMISSIONS[code]);
    }
  }

  async #grantExactly(code: string, permissions: readonly string[]): Promise<void> {
    const role = '(SELECT role_id FROM roles WHERE code = $1 AND is_system)';
    await this.manager.query(
      `DELETE FROM role_permissions WHERE role_id = ${role}
       AND permission_id NOT IN (SELECT permission_id FROM permissions WHERE name = ANY($2))`,
      [code, permissions],
    );
    await this.manager.query(
      `INSERT INTO role_permissions (role_id, permission_id)
       SELECT ${role}, permission_id FROM permissions WHERE name = ANY($2) ON CONFLICT DO NOTHING`,
      [code, permissions],
    );
  }

  ensureRegion(region: { code: string; name: string; dataLocation: string }): Promise<string> {
    return this.#idOf(
      `INSERT INTO regions (region_id, code, name, data_location) VALUES ($1, $2, $3, $4)
       ON CONFLICT (code) DO UPDATE SET code = excluded.code RETURNING region_id AS id`,
      [newId(), region.code, region.name, region.dataLocation],
    );
  }

  async ensurePlace(regionId: string, { organization, workspace, tenant }: SeedPlace): Promise<Place> {
    const organizationId = await this.#idOf(
      `INSERT INTO organizations (organization_id, region_id, code, name) VALUES ($1, $2, $3, $4)
       ON CONFLICT (code) DO UPDATE SET code = excluded.code RETURNING organization_id AS id`,
      [newId(), regionId, organization.code, organization.name],
    );
    const workspaceId = await this.#idOf(
      `INSERT INTO workspaces (workspace_id, organization_id, code, name, is_reserved) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (organization_id, code) DO UPDATE SET code = excluded.code RETURNING workspace_id AS id`,
      [newId(), organizationId, workspace.code, workspace.name, workspace.reserved],
    );
    const tenantId = await this.#idOf(
      `INSERT INTO tenants (tenant_id, workspace_id, organization_id, code, name) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (workspace_id, code) DO UPDATE SET code = excluded.code RETURNING tenant_id AS id`,
      [newId(), workspaceId, organizationId, tenant.code, tenant.name],
    );
    return { organizationId, workspaceId, tenantId, reserved: workspace.reserved };
  }

  async insertUser({ home, ...user }: NewSeedUser): Promise<boolean> {
    const used = await this.manager.query<unknown[]>('SELECT 1 FROM users WHERE email = $1', [user.email]);
    if (used.length > 0) return false;
    const userId = newId();
    await this.manager.query(
      `INSERT INTO users (user_id, organization_id, workspace_id, tenant_id, email, password_hash, password_changed_at,
                          first_name, last_name, email_verified_at)
       VALUES ($1, $2, $3, $4, $5, $6, now(), $7, $8, now())`,
      [
        userId,
        home.organizationId,
        home.workspaceId,
        home.tenantId,
        user.email,
        user.passwordHash,
        user.firstName,
        user.lastName,
      ],
    );
    const everywhere = user.role === 'super_administrator';
    await this.manager.query(
      `INSERT INTO role_assignments (role_assignment_id, user_id, role_id, organization_id, scope_type, scope_id)
       SELECT $1, $2, role_id, $3, $4, $5 FROM roles WHERE code = $6 AND is_system`,
      [
        newId(),
        userId,
        home.organizationId,
        everywhere ? 'platform' : 'organization',
        everywhere ? null : home.organizationId,
        user.role,
      ],
    );
    return true;
  }

  async hasSuperAdministrator(): Promise<boolean> {
    const rows = await this.manager.query<unknown[]>(
      `SELECT 1 FROM role_assignments a JOIN roles r USING (role_id) JOIN users u USING (user_id)
       WHERE r.code = 'super_administrator' AND r.is_system AND a.scope_type = 'platform' AND u.deleted_at IS NULL LIMIT 1`,
    );
    return rows.length > 0;
  }

  async replacePassword(email: string, beforeHash: string, afterHash: string | null): Promise<boolean> {
    const rows = await this.manager.query<unknown[]>(
      `WITH changed AS (
         UPDATE users SET password_hash = $3, password_changed_at = now()
         WHERE email = $1 AND password_hash = $2 AND deleted_at IS NULL RETURNING user_id
       ), ended AS (
         UPDATE sessions SET ended_at = now(), end_reason = 'password_changed'
         WHERE ended_at IS NULL AND user_id IN (SELECT user_id FROM changed)
       )
       SELECT 1 FROM changed`,
      [email, beforeHash, afterHash],
    );
    return rows.length > 0;
  }

  async #idOf(insert: string, parameters: readonly unknown[]): Promise<string> {
    const [row] = await this.manager.query<{ id: string }[]>(insert, [...parameters]);
    if (!row) throw new Error('the statement returned no row');
    return row.id;
  }
}
