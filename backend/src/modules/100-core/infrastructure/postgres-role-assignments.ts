import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId } from '../../../shared/platform/index.js';
import {
  type HeldRole,
  type Holder,
  type NewAssignment,
  RoleAssignments,
} from '../application/assignments/role-assignments.js';
import { scopeOf } from '../domain/access.js';
import { type AreaColumns, scopeArea, scopeJoins, storedArea } from './held-roles.js';

interface HeldRow extends AreaColumns {
  readonly id: string;
  readonly role_id: string;
  readonly code: string;
  readonly level: number;
  readonly permissions: string[];
}

/** The two tables are of one shape. */
const TABLES = {
  user: { table: 'role_assignments', key: 'role_assignment_id', owner: 'user_id' },
  group: { table: 'group_role_assignments', key: 'group_role_assignment_id', owner: 'group_id' },
} as const;

@Injectable()
export class PostgresRoleAssignments extends RoleAssignments {
  async add(manager: EntityManager, holder: Holder, assignment: NewAssignment): Promise<string | null> {
    const { table, key, owner } = TABLES[holder.type];
    const scope = scopeOf(assignment.area);
    const rows = await manager.query<{ id: string }[]>(
      `INSERT INTO ${table} AS a (${key}, ${owner}, role_id, organization_id, scope_type, scope_id, assigned_by, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
       ON CONFLICT (${owner}, role_id, scope_type, scope_id)
       DO UPDATE SET assigned_by = excluded.assigned_by, assigned_at = now(), expires_at = excluded.expires_at
       WHERE a.expires_at <= now()
       RETURNING ${key} AS id`,
      [
        newId(),
        holder.id,
        assignment.roleId,
        holder.organizationId,
        scope.type,
        scope.type === 'platform' ? null : scope.id,
        assignment.assignedBy,
        assignment.expiresAt,
      ],
    );
    return rows[0]?.id ?? null;
  }

  async of(manager: EntityManager, { type, id }: Pick<Holder, 'type' | 'id'>): Promise<readonly HeldRole[]> {
    const { table, key, owner } = TABLES[type];
    const rows = await manager.query<HeldRow[]>(
      `SELECT a.${key} AS id, r.role_id, r.code, r.level, ${scopeArea('a')},
              ARRAY(SELECT p.name FROM role_permissions rp JOIN permissions p ON p.permission_id = rp.permission_id
                    WHERE rp.role_id = r.role_id) AS permissions
       FROM ${table} a JOIN roles r ON r.role_id = a.role_id ${scopeJoins('a')}
       WHERE a.${owner} = $1 ORDER BY r.level, r.code, a.${key}`,
      [id],
    );
    return rows.map((row) => {
      const { role_id: roleId, code, level, permissions } = row;
      return { id: row.id, roleId, code, level, permissions, area: storedArea(row) };
    });
  }

  async remove(manager: EntityManager, { type, id }: Pick<Holder, 'type' | 'id'>, assignmentId: string): Promise<void> {
    const { table, key, owner } = TABLES[type];
    await manager.query(`DELETE FROM ${table} WHERE ${key} = $1 AND ${owner} = $2`, [assignmentId, id]);
  }
}
