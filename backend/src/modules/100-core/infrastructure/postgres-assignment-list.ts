import { Injectable } from '@nestjs/common';
import type {
  AccessScope,
  AssignmentPage,
  PermissionGrant,
  RoleAssignment,
  RoleAssignmentList,
  UserPermissions,
  UserQuery,
} from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database } from '../../../shared/platform/database/index.js';
import { NotFoundError, pageMeta, type RequestContext } from '../../../shared/platform/index.js';
import { AssignmentList } from '../application/assignments/assignment-list.js';
import { reachOf } from '../application/authorities.js';
import { HELD_ROLES, scopeJoins, scopeName } from './held-roles.js';
import { instant } from './list-sql.js';
import { userConditions } from './user-conditions.js';

const SCOPE = (alias: string) => `
  CASE ${alias}.scope_type WHEN 'platform' THEN json_build_object('type', 'platform')
    ELSE json_build_object('type', ${alias}.scope_type, 'id', ${alias}.scope_id) END AS scope,
  ${scopeName(alias)} AS "scopeName"`;

/** `held` has the columns of HELD_ROLES. */
const assignments = (held: string) => `
  SELECT h.id, h.user_id AS "userId", ${SCOPE('h')},
         json_build_object('id', r.role_id, 'code', r.code, 'name', r.name, 'level', r.level, 'isSystem', r.is_system)
           AS role,
         CASE WHEN g.group_id IS NOT NULL THEN json_build_object('id', g.group_id, 'name', g.name) END AS "viaGroup",
         ${instant('h.assigned_at')} AS "assignedAt", h.assigned_by AS "assignedBy",
         ${instant('h.expires_at')} AS "expiresAt"
  FROM (${held}) h
  JOIN roles r ON r.role_id = h.role_id AND r.deleted_at IS NULL
  LEFT JOIN groups g ON g.group_id = h.group_id ${scopeJoins('h')}`;
const ORDER = 'ORDER BY r.level, r.code, h.assigned_at, h.id';

/** Directly held by the group itself: that it is a group is no news there. */
const OF_GROUP = `
  SELECT group_role_assignment_id AS id, NULL::uuid AS user_id, role_id, scope_type, scope_id, NULL::uuid AS group_id,
         assigned_at, assigned_by, expires_at
  FROM group_role_assignments WHERE group_id = $1 AND (expires_at IS NULL OR expires_at > now())`;

type OwnedAssignment = RoleAssignment & { readonly userId: string | null };
type Person = AssignmentPage['data'][number]['user'];

@Injectable()
export class PostgresAssignmentList extends AssignmentList {
  constructor(private readonly database: Database) {
    super();
  }

  ofUser(context: RequestContext, userId: string): Promise<RoleAssignmentList> {
    return this.#ofUser(context, userId, async (manager) => {
      const rows = await manager.query<OwnedAssignment[]>(`${assignments(HELD_ROLES)} WHERE h.user_id = $1 ${ORDER}`, [
        userId,
      ]);
      return { data: rows.map(viewOf) };
    });
  }

  ofGroup(context: RequestContext, groupId: string): Promise<RoleAssignmentList> {
    const bounds = reachOf(context);
    return this.database.transaction(bounds.scope, async (manager) => {
      const [group] = await manager.query<unknown[]>(
        'SELECT 1 FROM groups WHERE group_id = $1 AND ($2::uuid IS NULL OR organization_id = $2)',
        [groupId, bounds.organizationId],
      );
      if (!group) throw new NotFoundError('Group');
      const rows = await manager.query<OwnedAssignment[]>(`${assignments(OF_GROUP)} ${ORDER}`, [groupId]);
      return { data: rows.map(viewOf) };
    });
  }

  grantsOf(context: RequestContext, userId: string): Promise<UserPermissions['grants']> {
    return this.#ofUser(context, userId, (manager) =>
      manager.query<PermissionGrant[]>(
        `SELECT g.permission_grant_id AS id, p.name AS permission, g.effect, ${SCOPE('g')},
                ${instant('g.granted_at')} AS "grantedAt", g.granted_by AS "grantedBy",
                ${instant('g.expires_at')} AS "expiresAt"
         FROM permission_grants g JOIN permissions p ON p.permission_id = g.permission_id ${scopeJoins('g')}
         WHERE g.user_id = $1 AND (g.expires_at IS NULL OR g.expires_at > now())
         ORDER BY p.name, g.granted_at`,
        [userId],
      ),
    );
  }

  page(context: RequestContext, query: UserQuery): Promise<AssignmentPage> {
    const { page, limit } = query;
    const bounds = reachOf(context);
    const where = userConditions(bounds.organizationId, query);
    return this.database.transaction(bounds.scope, async (manager) => {
      const [matching] = await manager.query<{ total: number }[]>(
        `SELECT count(*)::int AS total FROM users u WHERE ${where.sql}`,
        where.values,
      );
      const people = await manager.query<Person[]>(
        `SELECT u.user_id AS id, u.email, u.first_name AS "firstName", u.last_name AS "lastName",
                u.is_active AS "isActive"
         FROM users u WHERE ${where.sql} ORDER BY u.email LIMIT ${limit} OFFSET ${(page - 1) * limit}`,
        where.values,
      );
      const held = await manager.query<OwnedAssignment[]>(
        `${assignments(HELD_ROLES)} WHERE h.user_id = ANY($1::uuid[]) ${ORDER}`,
        [people.map(({ id }) => id)],
      );
      return {
        data: people.map((user) => ({
          user,
          assignments: held.filter(({ userId }) => userId === user.id).map(viewOf),
        })),
        meta: pageMeta(page, limit, matching?.total ?? 0),
      };
    });
  }

  #ofUser<T>(context: RequestContext, userId: string, read: (manager: EntityManager) => Promise<T>): Promise<T> {
    const bounds = reachOf(context);
    const where = userConditions(bounds.organizationId, { id: userId });
    return this.database.transaction(bounds.scope, async (manager) => {
      const [user] = await manager.query<unknown[]>(`SELECT 1 FROM users u WHERE ${where.sql}`, where.values);
      if (!user) throw new NotFoundError('User');
      return read(manager);
    });
  }
}

function viewOf({ userId: _, scope, ...assignment }: OwnedAssignment): RoleAssignment {
  return { ...assignment, scope: scope satisfies AccessScope };
}
