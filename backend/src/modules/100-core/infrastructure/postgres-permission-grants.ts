import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId } from '../../../shared/platform/index.js';
import { type NewGrant, PermissionGrants, type StoredGrant } from '../application/assignments/permission-grants.js';
import { type Area, scopeOf } from '../domain/access.js';
import { type AreaColumns, scopeArea, scopeJoins, storedArea } from './held-roles.js';

interface GrantRow extends AreaColumns {
  readonly id: string;
  readonly permission: string;
  readonly effect: 'allow' | 'deny';
  readonly expires_at: Date | null;
}

const GRANTS = `
  SELECT g.permission_grant_id AS id, p.name AS permission, g.effect, g.expires_at, ${scopeArea('g')}
  FROM permission_grants g JOIN permissions p ON p.permission_id = g.permission_id ${scopeJoins('g')}
  WHERE g.user_id = $1`;

@Injectable()
export class PostgresPermissionGrants extends PermissionGrants {
  async at(manager: EntityManager, userId: string, permission: string, area: Area): Promise<StoredGrant | null> {
    const scope = scopeOf(area);
    return grantOf(
      await manager.query<GrantRow[]>(
        `${GRANTS} AND p.name = $2 AND g.scope_type = $3 AND g.scope_id IS NOT DISTINCT FROM $4`,
        [userId, permission, scope.type, scope.type === 'platform' ? null : scope.id],
      ),
    );
  }

  async put(manager: EntityManager, grant: NewGrant): Promise<string> {
    const scope = scopeOf(grant.area);
    const [row] = await manager.query<{ id: string }[]>(
      `INSERT INTO permission_grants (permission_grant_id, user_id, permission_id, organization_id, effect, scope_type,
                                      scope_id, granted_by, expires_at)
       SELECT $1, $2, permission_id, $3, $4, $5, $6, $7, $8 FROM permissions WHERE name = $9
       ON CONFLICT (user_id, permission_id, scope_type, scope_id)
       DO UPDATE SET effect = excluded.effect, granted_by = excluded.granted_by, granted_at = now(),
                     expires_at = excluded.expires_at
       RETURNING permission_grant_id AS id`,
      [
        newId(),
        grant.userId,
        grant.organizationId,
        grant.effect,
        scope.type,
        scope.type === 'platform' ? null : scope.id,
        grant.grantedBy,
        grant.expiresAt,
        grant.permission,
      ],
    );
    if (!row) throw new Error(`the catalogue in the database lacks ${grant.permission}`);
    return row.id;
  }

  async find(manager: EntityManager, userId: string, grantId: string): Promise<StoredGrant | null> {
    return grantOf(await manager.query<GrantRow[]>(`${GRANTS} AND g.permission_grant_id = $2`, [userId, grantId]));
  }

  async remove(manager: EntityManager, userId: string, grantId: string): Promise<void> {
    await manager.query('DELETE FROM permission_grants WHERE permission_grant_id = $1 AND user_id = $2', [
      grantId,
      userId,
    ]);
  }
}

function grantOf([row]: readonly GrantRow[]): StoredGrant | null {
  if (!row) return null;
  const { id, permission, effect, expires_at: expiresAt } = row;
  return { id, permission, effect, area: storedArea(row), expiresAt };
}
