import { Injectable } from '@nestjs/common';
import { SYSTEM_ROLES } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { ConflictError } from '../../../shared/platform/index.js';
import { Roles } from '../application/roles/roles.js';
import { Role } from '../domain/role.js';
import { SYSTEM_ROLE_DEFINITIONS } from '../domain/system-roles.js';
import { HELD_ROLES } from './held-roles.js';
import { isViolationOf } from './violations.js';

interface RoleRow {
  readonly role_id: string;
  readonly organization_id: string | null;
  readonly code: string;
  readonly name: string;
  readonly description: string;
  readonly level: number;
  readonly permissions: string[];
}

const ROLE = `
  SELECT r.role_id, r.organization_id, r.code, r.name, r.description, r.level,
         ARRAY(SELECT p.name FROM role_permissions rp JOIN permissions p ON p.permission_id = rp.permission_id
               WHERE rp.role_id = r.role_id ORDER BY p.name) AS permissions
  FROM roles r
  WHERE r.role_id = $1 AND r.deleted_at IS NULL
    AND (r.is_system OR $2::uuid IS NULL OR r.organization_id = $2)`;

@Injectable()
export class PostgresRoles extends Roles {
  async add(manager: EntityManager, role: Role): Promise<void> {
    refuseSystemNames(role);
    await orConflict(role, () =>
      manager.query(
        `INSERT INTO roles (role_id, organization_id, code, name, description, level) VALUES ($1, $2, $3, $4, $5, $6)`,
        [role.id, role.organizationId, role.code, role.name, role.description, role.level],
      ),
    );
    await this.savePermissions(manager, role);
  }

  async save(manager: EntityManager, role: Role): Promise<void> {
    refuseSystemNames(role);
    await orConflict(role, () =>
      manager.query(
        `UPDATE roles SET name = $2, description = $3, level = $4, updated_at = now()
         WHERE role_id = $1 AND organization_id = $5`,
        [role.id, role.name, role.description, role.level, role.organizationId],
      ),
    );
  }

  async savePermissions(manager: EntityManager, role: Role): Promise<void> {
    await manager.query(
      `DELETE FROM role_permissions WHERE role_id = $1
       AND permission_id NOT IN (SELECT permission_id FROM permissions WHERE name = ANY($2))`,
      [role.id, role.permissions],
    );
    await manager.query(
      `INSERT INTO role_permissions (role_id, permission_id)
       SELECT $1, permission_id FROM permissions WHERE name = ANY($2) ON CONFLICT DO NOTHING`,
      [role.id, role.permissions],
    );
    await manager.query('UPDATE roles SET updated_at = now() WHERE role_id = $1 AND organization_id = $2', [
      role.id,
      role.organizationId,
    ]);
  }

  forShare(manager: EntityManager, id: string, organizationId: string | null): Promise<Role | null> {
    return this.#locked(manager, id, organizationId, 'FOR SHARE');
  }

  forUpdate(manager: EntityManager, id: string, organizationId: string | null): Promise<Role | null> {
    return this.#locked(manager, id, organizationId, 'FOR UPDATE');
  }

  async remove(manager: EntityManager, id: string): Promise<boolean> {
    // What has expired holds nothing.
    for (const table of ['role_assignments', 'group_role_assignments']) {
      await manager.query(`DELETE FROM ${table} WHERE role_id = $1 AND expires_at <= now()`, [id]);
    }
    const [held] = await manager.query<unknown[]>(
      `SELECT 1 FROM role_assignments WHERE role_id = $1
       UNION ALL SELECT 1 FROM group_role_assignments WHERE role_id = $1 LIMIT 1`,
      [id],
    );
    if (held !== undefined) return false;
    await manager.query('DELETE FROM roles WHERE role_id = $1 AND NOT is_system', [id]);
    return true;
  }

  async systemRoleId(manager: EntityManager, code: string): Promise<string> {
    const [row] = await manager.query<{ role_id: string }[]>(
      'SELECT role_id FROM roles WHERE code = $1 AND is_system',
      [code],
    );
    if (!row) throw new Error(`the system role ${code} is not seeded`);
    return row.role_id;
  }

  async isHeldBy(manager: EntityManager, roleId: string, userId: string): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `SELECT 1 FROM (${HELD_ROLES}) h WHERE h.role_id = $1 AND h.user_id = $2 LIMIT 1`,
      [roleId, userId],
    );
    return rows.length > 0;
  }

  async #locked(
    manager: EntityManager,
    id: string,
    organizationId: string | null,
    lock: 'FOR SHARE' | 'FOR UPDATE',
  ): Promise<Role | null> {
    // System roles never change, and nobody but the platform may lock them. Read after the lock, not before.
    await manager.query(`SELECT 1 FROM roles WHERE role_id = $1 AND NOT is_system ${lock}`, [id]);
    const [row] = await manager.query<RoleRow[]>(ROLE, [id, organizationId]);
    if (!row) return null;
    const { code, name, description, level, permissions } = row;
    return Role.restore({
      id: row.role_id,
      organizationId: row.organization_id,
      code,
      name,
      description,
      level,
      permissions,
    });
  }
}

/** Lists show roles by code and name: no other role looks like one of the five. */
function refuseSystemNames({ code, name }: Role): void {
  const codes: readonly string[] = SYSTEM_ROLES;
  if (codes.includes(code)) throw taken('code', code);
  const names = Object.values(SYSTEM_ROLE_DEFINITIONS).map((role) => role.name.toLowerCase());
  if (names.includes(name.toLowerCase())) throw taken('name', name);
}

async function orConflict(role: Role, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (isViolationOf(error, 'roles_name')) throw taken('name', role.name);
    if (isViolationOf(error, 'roles_organization_id_code_key')) throw taken('code', role.code);
    throw error;
  }
}

function taken(path: 'code' | 'name', value: string): ConflictError {
  return new ConflictError(`There is a role with the ${path} ${value} already`, [
    { path, code: 'taken', message: 'is taken by another role' },
  ]);
}
