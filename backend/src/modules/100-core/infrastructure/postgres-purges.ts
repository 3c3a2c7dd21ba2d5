import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { type PurgeCandidate, type PurgedTenant, Purges } from '../application/hierarchy/purges.js';
import { type Level, LEVELS } from '../domain/hierarchy-node.js';
import { HIERARCHY_TABLES } from './hierarchy-tables.js';

/** Where the tenants of a purged place are found: `t` in `tenants`, $1 the place. */
const TENANTS_OF: Readonly<Record<Level, string>> = {
  region: 'false',
  organization: 't.organization_id = $1',
  workspace: 't.workspace_id = $1',
  tenant: 't.tenant_id = $1',
};

/** Their users get the best home left in the organization: in the same workspace, open, oldest. */
const MOVE_USERS = `
  UPDATE users u SET workspace_id = home.workspace_id, tenant_id = home.tenant_id, updated_at = now()
  FROM users moved
  CROSS JOIN LATERAL (
    SELECT t.tenant_id, t.workspace_id
    FROM tenants t JOIN workspaces w ON w.workspace_id = t.workspace_id
    WHERE t.organization_id = moved.organization_id AND t.tenant_id <> ALL($1::uuid[]) AND NOT w.is_reserved
      AND t.deleted_at IS NULL AND w.deleted_at IS NULL
    ORDER BY t.workspace_id <> moved.workspace_id, NOT (t.is_active AND w.is_active), t.created_at, t.tenant_id LIMIT 1
  ) home
  WHERE moved.tenant_id = ANY($1::uuid[]) AND u.user_id = moved.user_id`;

/** What names a place without a foreign key that would take it along. */
const LOOSE_ENDS = [
  'DELETE FROM role_assignments WHERE scope_id = ANY($1::uuid[])',
  'DELETE FROM group_role_assignments WHERE scope_id = ANY($1::uuid[])',
  'DELETE FROM permission_grants WHERE scope_id = ANY($1::uuid[])',
  'DELETE FROM tenant_usage WHERE tenant_id = ANY($1::uuid[])',
];

@Injectable()
export class PostgresPurges extends Purges {
  async due(manager: EntityManager, before: Date): Promise<readonly PurgeCandidate[]> {
    const found: PurgeCandidate[] = [];
    for (const level of LEVELS.toReversed()) {
      const { table, key, organizationId } = HIERARCHY_TABLES[level];
      const rows = await manager.query<Omit<PurgeCandidate, 'level'>[]>(
        `SELECT n.${key} AS id, n.code, n.name, ${organizationId} AS "organizationId"
         FROM ${table} n WHERE n.deleted_at <= $1 ORDER BY n.deleted_at, n.${key}`,
        [before],
      );
      found.push(...rows.map((row) => ({ level, ...row })));
    }
    return found;
  }

  async purge(
    manager: EntityManager,
    { level, id }: PurgeCandidate,
    before: Date,
  ): Promise<readonly PurgedTenant[] | null> {
    const { table, key } = HIERARCHY_TABLES[level];
    // Whoever restores it, or purges it on another node, holds the lock until the end.
    const locked = await manager.query<unknown[]>(
      `SELECT 1 FROM ${table} WHERE ${key} = $1 AND deleted_at <= $2 FOR UPDATE`,
      [id, before],
    );
    if (locked.length === 0) return null;
    const tenants = await manager.query<PurgedTenant[]>(
      `SELECT t.tenant_id AS "tenantId", t.workspace_id AS "workspaceId", t.organization_id AS "organizationId", t.name
       FROM tenants t WHERE ${TENANTS_OF[level]} ORDER BY t.tenant_id FOR UPDATE`,
      level === 'region' ? [] : [id],
    );
    if (!(await this.#mayGo(manager, level, id, tenants))) return null;
    const places = [id, ...tenants.flatMap((tenant) => within(level, tenant))];
    for (const statement of LOOSE_ENDS) await manager.query(statement, [places]);
    await manager.query(`DELETE FROM ${table} WHERE ${key} = $1`, [id]);
    return tenants;
  }

  async #mayGo(manager: EntityManager, level: Level, id: string, tenants: readonly PurgedTenant[]): Promise<boolean> {
    if (level === 'region') {
      return isEmpty(manager, 'SELECT 1 FROM organizations WHERE region_id = $1 LIMIT 1', [id]);
    }
    // An organization's users go with it.
    if (level === 'organization') return true;
    const ids = tenants.map(({ tenantId }) => tenantId);
    await manager.query(MOVE_USERS, [ids]);
    const homeless = 'SELECT 1 FROM users WHERE tenant_id = ANY($1::uuid[]) AND deleted_at IS NULL LIMIT 1';
    return isEmpty(manager, homeless, [ids]);
  }
}

/** What of the tenant's place goes with the purged level: a workspace stays when one of its tenants goes. */
function within(level: Level, { tenantId, workspaceId }: PurgedTenant): string[] {
  return level === 'tenant' ? [tenantId] : [tenantId, workspaceId];
}

async function isEmpty(manager: EntityManager, sql: string, parameters: unknown[]): Promise<boolean> {
  return (await manager.query<unknown[]>(sql, parameters)).length === 0;
}
