import { Injectable } from '@nestjs/common';
import type { Group, GroupMember, GroupMemberPage, GroupPage, GroupQuery, PageQuery } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database } from '../../../shared/platform/database/index.js';
import { NotFoundError, pageMeta, type RequestContext } from '../../../shared/platform/index.js';
import { reachOf } from '../application/authorities.js';
import { GroupList } from '../application/groups/group-list.js';
import { containing, instant } from './list-sql.js';
import { SqlConditions } from './sql-conditions.js';

/** Members who are deleted have left. */
const COLUMNS = `
  g.group_id AS id, g.name, g.description, g.organization_id AS "organizationId",
  (SELECT count(*)::int FROM group_members m WHERE m.group_id = g.group_id) AS members,
  ${instant('g.created_at')} AS "createdAt", ${instant('g.updated_at')} AS "updatedAt"`;

@Injectable()
export class PostgresGroupList extends GroupList {
  constructor(private readonly database: Database) {
    super();
  }

  page(context: RequestContext, { page, limit, search }: GroupQuery): Promise<GroupPage> {
    const where = new SqlConditions();
    where.add((p) => `g.organization_id = ${p(context.organizationId)}`);
    if (search) {
      where.add((p) => {
        const pattern = p(containing(search));
        return `g.name ILIKE ${pattern} OR g.description ILIKE ${pattern}`;
      });
    }
    return this.database.transaction(context, async (manager) => {
      const [matching] = await manager.query<{ total: number }[]>(
        `SELECT count(*)::int AS total FROM groups g WHERE ${where.sql}`,
        where.values,
      );
      const data = await manager.query<Group[]>(
        `SELECT ${COLUMNS} FROM groups g WHERE ${where.sql}
         ORDER BY lower(g.name), g.group_id LIMIT ${limit} OFFSET ${(page - 1) * limit}`,
        where.values,
      );
      return { data, meta: pageMeta(page, limit, matching?.total ?? 0) };
    });
  }

  one(context: RequestContext, id: string): Promise<Group> {
    const bounds = reachOf(context);
    return this.database.transaction(bounds.scope, (manager) => readOne(manager, id, bounds.organizationId));
  }

  members(context: RequestContext, id: string, { page, limit }: PageQuery): Promise<GroupMemberPage> {
    const bounds = reachOf(context);
    return this.database.transaction(bounds.scope, async (manager) => {
      const { members } = await readOne(manager, id, bounds.organizationId);
      const data = await manager.query<GroupMember[]>(
        `SELECT u.user_id AS id, u.email, u.first_name AS "firstName", u.last_name AS "lastName",
                u.is_active AS "isActive"
         FROM group_members m JOIN users u ON u.user_id = m.user_id
         WHERE m.group_id = $1 ORDER BY u.email LIMIT ${limit} OFFSET ${(page - 1) * limit}`,
        [id],
      );
      return { data, meta: pageMeta(page, limit, members) };
    });
  }
}

async function readOne(manager: EntityManager, id: string, organizationId: string | null): Promise<Group> {
  const [group] = await manager.query<Group[]>(
    `SELECT ${COLUMNS} FROM groups g WHERE g.group_id = $1 AND ($2::uuid IS NULL OR g.organization_id = $2)`,
    [id, organizationId],
  );
  if (!group) throw new NotFoundError('Group');
  return group;
}
