import { Injectable } from '@nestjs/common';
import type { User, UserPage, UserQuery } from '@telemetryflow/contracts';
import { Database } from '../../../shared/platform/database/index.js';
import { NotFoundError, pageMeta, type RequestContext } from '../../../shared/platform/index.js';
import { reachOf } from '../application/authorities.js';
import { UserList } from '../application/users/user-list.js';
import { HELD_ROLES } from './held-roles.js';
import { instant } from './list-sql.js';
import { userConditions } from './user-conditions.js';

const COLUMNS = `
  u.user_id AS id, u.email, u.first_name AS "firstName", u.last_name AS "lastName", u.avatar_url AS avatar, u.timezone,
  u.locale, u.organization_id AS "organizationId", u.workspace_id AS "workspaceId", u.tenant_id AS "tenantId",
  u.is_active AS "isActive", u.email_verified_at IS NOT NULL AS "emailVerified",
  EXISTS (SELECT 1 FROM mfa_secrets m WHERE m.user_id = u.user_id AND m.enabled_at IS NOT NULL) AS "mfaEnabled",
  COALESCE(u.locked_until > now(), false) AS "isLocked", u.is_organization_creator AS "isOrganizationCreator",
  u.force_password_change AS "forcePasswordChange", ${instant('u.last_login_at')} AS "lastLoginAt",
  ${instant('u.created_at')} AS "createdAt", ${instant('u.updated_at')} AS "updatedAt",
  ARRAY(SELECT r.code FROM roles r WHERE r.is_active AND r.deleted_at IS NULL AND r.role_id IN
          (SELECT h.role_id FROM (${HELD_ROLES}) h WHERE h.user_id = u.user_id)
        ORDER BY r.level, r.code) AS roles`;

@Injectable()
export class PostgresUserList extends UserList {
  constructor(private readonly database: Database) {
    super();
  }

  page(context: RequestContext, query: UserQuery): Promise<UserPage> {
    const { page, limit } = query;
    const bounds = reachOf(context);
    const where = userConditions(bounds.organizationId, query);
    return this.database.transaction(bounds.scope, async (manager) => {
      const [matching] = await manager.query<{ total: number }[]>(
        `SELECT count(*)::int AS total FROM users u WHERE ${where.sql}`,
        where.values,
      );
      const data = await manager.query<User[]>(
        `SELECT ${COLUMNS} FROM users u WHERE ${where.sql}
         ORDER BY u.created_at DESC, u.user_id DESC LIMIT ${limit} OFFSET ${(page - 1) * limit}`,
        where.values,
      );
      const everyone = userConditions(bounds.organizationId, {});
      const [counts] = await manager.query<UserPage['counts'][]>(
        `SELECT count(*)::int AS total, count(*) FILTER (WHERE u.is_active)::int AS active,
                count(*) FILTER (WHERE u.email_verified_at IS NOT NULL)::int AS verified,
                count(*) FILTER (WHERE u.locked_until > now())::int AS locked
         FROM users u WHERE ${everyone.sql}`,
        everyone.values,
      );
      return {
        data,
        meta: pageMeta(page, limit, matching?.total ?? 0),
        counts: counts ?? { total: 0, active: 0, verified: 0, locked: 0 },
      };
    });
  }

  async one(context: RequestContext, id: string): Promise<User> {
    const bounds = reachOf(context);
    const where = userConditions(bounds.organizationId, { id });
    const [user] = await this.database.transaction(bounds.scope, (manager) =>
      manager.query<User[]>(`SELECT ${COLUMNS} FROM users u WHERE ${where.sql}`, where.values),
    );
    if (!user) throw new NotFoundError('User');
    return user;
  }
}
