import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { ExpiringMap } from '../../../shared/platform/expiring-map.js';
import { AccessDirectory } from '../application/access-directory.js';
import { Access, type Area, type Assignment, type AssignmentScope, type Grant } from '../domain/access.js';

interface AssignmentRow {
  readonly role: string;
  readonly level: number;
  readonly scope_type: 'platform' | 'organization' | 'workspace' | 'tenant';
  readonly scope_id: string | null;
  readonly expires_at: Date | null;
  readonly permissions: string[];
}

interface GrantRow {
  readonly permission: string;
  readonly effect: 'allow' | 'deny';
  readonly organization_id: string | null;
  readonly workspace_id: string | null;
  readonly tenant_id: string | null;
  readonly reserved: boolean;
  readonly expires_at: Date | null;
}

const ASSIGNMENTS = `
  WITH held AS (
    SELECT role_id, scope_type, scope_id, expires_at FROM role_assignments WHERE user_id = $1
    UNION ALL
    SELECT a.role_id, a.scope_type, a.scope_id, a.expires_at
    FROM group_members m JOIN group_role_assignments a ON a.group_id = m.group_id
    WHERE m.user_id = $1
  )
  SELECT r.code AS role, r.level, h.scope_type, h.scope_id, h.expires_at,
         ARRAY(SELECT p.name FROM role_permissions rp JOIN permissions p ON p.permission_id = rp.permission_id
               WHERE rp.role_id = r.role_id) AS permissions
  FROM held h
  JOIN roles r ON r.role_id = h.role_id AND r.is_active AND r.deleted_at IS NULL
  ORDER BY r.level, r.code`;

/** A place that is gone holds nothing, and must not be taken for the platform. */
const GRANTS = `
  SELECT p.name AS permission, g.effect, g.expires_at,
         COALESCE(t.organization_id, w.organization_id, CASE g.scope_type WHEN 'organization' THEN g.scope_id END)
           AS organization_id,
         COALESCE(t.workspace_id, w.workspace_id) AS workspace_id, t.tenant_id,
         COALESCE(w.is_reserved, tw.is_reserved, false) AS reserved
  FROM permission_grants g
  JOIN permissions p ON p.permission_id = g.permission_id
  LEFT JOIN tenants t ON g.scope_type = 'tenant' AND t.tenant_id = g.scope_id
  LEFT JOIN workspaces tw ON tw.workspace_id = t.workspace_id
  LEFT JOIN workspaces w ON g.scope_type = 'workspace' AND w.workspace_id = g.scope_id
  WHERE g.user_id = $1
    AND (g.scope_type IN ('platform', 'organization') OR COALESCE(t.tenant_id, w.workspace_id) IS NOT NULL)`;

@Injectable()
export class PostgresAccessDirectory extends AccessDirectory {
  readonly #known = new ExpiringMap<Access>({ ttlMs: 60_000, maxEntries: 10_000 });

  constructor(private readonly database: Database) {
    super();
  }

  accessOf(userId: string): Promise<Access> {
    return this.#known.load(userId, () =>
      this.database.transaction(systemScope('authentication'), (manager) => this.read(manager, userId)),
    );
  }

  async read(manager: EntityManager, userId: string): Promise<Access> {
    const assignments = await manager.query<AssignmentRow[]>(ASSIGNMENTS, [userId]);
    const grants = await manager.query<GrantRow[]>(GRANTS, [userId]);
    return new Access(assignments.map(assignmentOf), grants.map(grantOf));
  }

  evict(userId: string): void {
    this.#known.delete(userId);
  }

  evictAll(): void {
    this.#known.clear();
  }
}

function assignmentOf(row: AssignmentRow): Assignment {
  const { role, level, permissions } = row;
  return { role, level, scope: scopeOf(row), permissions, expiresAt: row.expires_at?.getTime() ?? null };
}

function scopeOf(row: AssignmentRow): AssignmentScope {
  // The table's check: a scope without an id is the platform's, and no other.
  return row.scope_type === 'platform' || row.scope_id === null
    ? { type: 'platform' }
    : { type: row.scope_type, id: row.scope_id };
}

function grantOf(row: GrantRow): Grant {
  const area: Area = {
    organizationId: row.organization_id,
    workspaceId: row.workspace_id,
    tenantId: row.tenant_id,
    reserved: row.reserved,
  };
  return { permission: row.permission, effect: row.effect, area, expiresAt: row.expires_at?.getTime() ?? null };
}
