import { Injectable } from '@nestjs/common';
import {
  type GroupMember,
  type GroupMemberPage,
  levelOf,
  type PageQuery,
  PERMISSIONS,
  type PermissionList,
  type PermissionMatrix,
  type PermissionView,
  type Role,
  type RolePage,
  type RoleQuery,
} from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database } from '../../../shared/platform/database/index.js';
import { NotFoundError, pageMeta, type RequestContext } from '../../../shared/platform/index.js';
import { reachOf } from '../application/authorities.js';
import { RoleList } from '../application/roles/role-list.js';
import { HELD_ROLES } from './held-roles.js';
import { containing, instant } from './list-sql.js';
import { SqlConditions } from './sql-conditions.js';

/** Who holds the role (alias r) in its organization; a system role: in the one that the caller stands in ($1). */
const HOLDERS = `
  FROM (${HELD_ROLES}) h JOIN users u ON u.user_id = h.user_id
  WHERE h.role_id = r.role_id AND u.deleted_at IS NULL AND u.organization_id = COALESCE(r.organization_id, $1)`;
const COLUMNS = `
  r.role_id AS id, r.code, r.name, r.description, r.level, r.is_system AS "isSystem",
  r.organization_id AS "organizationId",
  ARRAY(SELECT p.name FROM role_permissions rp JOIN permissions p ON p.permission_id = rp.permission_id
        WHERE rp.role_id = r.role_id ORDER BY p.name) AS permissions,
  (SELECT count(DISTINCT u.user_id)::int ${HOLDERS}) AS users,
  ${instant('r.created_at')} AS "createdAt", ${instant('r.updated_at')} AS "updatedAt"`;
const VISIBLE = 'r.deleted_at IS NULL AND (r.is_system OR r.organization_id = $1)';
const IN_ORDER = 'ORDER BY r.level, r.is_system DESC, lower(r.name), r.role_id';

@Injectable()
export class PostgresRoleList extends RoleList {
  constructor(private readonly database: Database) {
    super();
  }

  page(context: RequestContext, { page, limit, search, includeSystem }: RoleQuery): Promise<RolePage> {
    const where = new SqlConditions();
    // The first parameter, which the columns need too.
    where.add((p) => VISIBLE.replace('$1', p(context.organizationId)));
    if (!includeSystem) where.add(() => 'NOT r.is_system');
    if (search) {
      where.add((p) => {
        const pattern = p(containing(search));
        return `r.name ILIKE ${pattern} OR r.code ILIKE ${pattern} OR r.description ILIKE ${pattern}`;
      });
    }
    return this.database.transaction(context, async (manager) => {
      const [matching] = await manager.query<{ total: number }[]>(
        `SELECT count(*)::int AS total FROM roles r WHERE ${where.sql}`,
        where.values,
      );
      const data = await manager.query<Role[]>(
        `SELECT ${COLUMNS} FROM roles r WHERE ${where.sql} ${IN_ORDER} LIMIT ${limit} OFFSET ${(page - 1) * limit}`,
        where.values,
      );
      return { data, meta: pageMeta(page, limit, matching?.total ?? 0) };
    });
  }

  one(context: RequestContext, id: string): Promise<Role> {
    const bounds = reachOf(context);
    return this.database.transaction(bounds.scope, (manager) => readOne(manager, context, id));
  }

  users(context: RequestContext, id: string, { page, limit }: PageQuery): Promise<GroupMemberPage> {
    const bounds = reachOf(context);
    return this.database.transaction(bounds.scope, async (manager) => {
      const { users } = await readOne(manager, context, id);
      const data = await manager.query<GroupMember[]>(
        `SELECT u.user_id AS id, u.email, u.first_name AS "firstName", u.last_name AS "lastName",
                u.is_active AS "isActive"
         FROM roles r, LATERAL (SELECT DISTINCT u.* ${HOLDERS}) u WHERE r.role_id = $2
         ORDER BY u.email, u.user_id LIMIT ${limit} OFFSET ${(page - 1) * limit}`,
        [context.organizationId, id],
      );
      return { data, meta: pageMeta(page, limit, users) };
    });
  }

  permissions(context: RequestContext): Promise<PermissionList> {
    return this.database.transaction(context, async (manager) => ({ data: await readCatalogue(manager) }));
  }

  matrix(context: RequestContext): Promise<PermissionMatrix> {
    return this.database.transaction(context, async (manager) => ({
      permissions: await readCatalogue(manager),
      roles: await manager.query<PermissionMatrix['roles']>(
        `SELECT r.role_id AS id, r.code, r.name, r.level, r.is_system AS "isSystem",
                ARRAY(SELECT p.name FROM role_permissions rp JOIN permissions p ON p.permission_id = rp.permission_id
                      WHERE rp.role_id = r.role_id ORDER BY p.name) AS permissions
         FROM roles r WHERE ${VISIBLE} ${IN_ORDER}`,
        [context.organizationId],
      ),
    }));
  }
}

async function readOne(manager: EntityManager, context: RequestContext, id: string): Promise<Role> {
  const { organizationId } = reachOf(context);
  const [role] = await manager.query<Role[]>(
    `SELECT ${COLUMNS} FROM roles r
     WHERE r.role_id = $2 AND r.deleted_at IS NULL AND (r.is_system OR $3::uuid IS NULL OR r.organization_id = $3)`,
    [context.organizationId, id, organizationId],
  );
  if (!role) throw new NotFoundError('Role');
  return role;
}

async function readCatalogue(manager: EntityManager): Promise<PermissionView[]> {
  const rows = await manager.query<Omit<PermissionView, 'level'>[]>(
    'SELECT permission_id AS id, name, resource, action, description FROM permissions ORDER BY array_position($1, name)',
    [PERMISSIONS],
  );
  return rows.map((row) => ({ ...row, description: row.description || inWords(row), level: levelOf(row.name) }));
}

/** `api-keys:create` as "Create api keys". */
function inWords({ resource, action }: Pick<PermissionView, 'resource' | 'action'>): string {
  return `${action.charAt(0).toUpperCase()}${action.slice(1)} ${resource.replaceAll('-', ' ')}`;
}
