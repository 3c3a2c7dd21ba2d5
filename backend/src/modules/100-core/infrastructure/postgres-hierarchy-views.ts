import { Injectable } from '@nestjs/common';
import type {
  AdministratorPage,
  Organization,
  OrganizationPage,
  OrganizationQuery,
  PageMeta,
  PageQuery,
  Region,
  RegionPage,
  RegionQuery,
  Tenant,
  TenantPage,
  TenantQuery,
  Workspace,
  WorkspacePage,
  WorkspaceQuery,
} from '@telemetryflow/contracts';
import { Database, widestScope } from '../../../shared/platform/database/index.js';
import { NotFoundError, pageMeta, type RequestContext } from '../../../shared/platform/index.js';
import { HierarchyAccess, NOUNS } from '../application/hierarchy/hierarchy-access.js';
import { HierarchyViews } from '../application/hierarchy/hierarchy-views.js';
import { type Level, RESTORABLE_DAYS } from '../domain/hierarchy-node.js';
import { HELD_ROLES } from './held-roles.js';
import { HIERARCHY_TABLES } from './hierarchy-tables.js';
import { containing, instant } from './list-sql.js';
import { reachConditions, SqlConditions } from './sql-conditions.js';

interface Filter {
  readonly page: number;
  readonly limit: number;
  readonly deleted: boolean;
  readonly search?: string | undefined;
  readonly isActive?: boolean | undefined;
}

interface Page<T> {
  data: T[];
  meta: PageMeta;
}

/** What every level shows; the times as the contract writes them. */
const COMMON = `
  n.code, n.name, n.description, n.is_active AS "isActive", ${instant('n.created_at')} AS "createdAt",
  ${instant('n.updated_at')} AS "updatedAt", ${instant('n.deleted_at')} AS "deletedAt"`;

/** What a level shows besides; `everywhere` is whether the caller may see the platform's own workspace. */
const COLUMNS: Readonly<Record<Level, (everywhere: boolean) => string>> = {
  region: () => `
    n.region_id AS id, n.data_location AS "dataLocation",
    (SELECT count(*)::int FROM organizations c WHERE c.region_id = n.region_id AND c.deleted_at IS NULL) AS organizations`,
  organization: (everywhere) => `
    n.organization_id AS id, n.region_id AS "regionId", n.domain,
    (SELECT count(*)::int FROM workspaces c
     WHERE c.organization_id = n.organization_id AND c.deleted_at IS NULL ${everywhere ? '' : 'AND NOT c.is_reserved'}
    ) AS workspaces,
    (SELECT count(*)::int FROM users c
     WHERE c.organization_id = n.organization_id AND c.deleted_at IS NULL) AS users`,
  workspace: () => `
    n.workspace_id AS id, n.organization_id AS "organizationId", n.datasource_config AS "datasourceConfig", n.quotas,
    (SELECT count(*)::int FROM tenants c WHERE c.workspace_id = n.workspace_id AND c.deleted_at IS NULL) AS tenants`,
  tenant: () => `
    n.tenant_id AS id, n.organization_id AS "organizationId", n.workspace_id AS "workspaceId", n.domain, n.settings`,
};

/** SQL straight to the contract's shape: what row-level security lets through, filtered by what the caller holds. */
@Injectable()
export class PostgresHierarchyViews extends HierarchyViews {
  constructor(
    private readonly database: Database,
    private readonly access: HierarchyAccess,
  ) {
    super();
  }

  regions(context: RequestContext, query: RegionQuery): Promise<RegionPage> {
    return this.#page<Region>(context, 'region', query, () => undefined);
  }

  region(context: RequestContext, id: string): Promise<Region> {
    return this.#one<Region>(context, 'region', id);
  }

  organizations(context: RequestContext, query: OrganizationQuery): Promise<OrganizationPage> {
    return this.#page<Organization>(context, 'organization', query, (where) => {
      if (query.regionId !== undefined) where.add((p) => `n.region_id = ${p(query.regionId)}`);
    });
  }

  organization(context: RequestContext, id: string): Promise<Organization> {
    return this.#one<Organization>(context, 'organization', id);
  }

  workspaces(context: RequestContext, query: WorkspaceQuery): Promise<WorkspacePage> {
    return this.#page<Workspace>(context, 'workspace', query, (where) => {
      if (query.organizationId !== undefined) where.add((p) => `n.organization_id = ${p(query.organizationId)}`);
    });
  }

  workspace(context: RequestContext, id: string): Promise<Workspace> {
    return this.#one<Workspace>(context, 'workspace', id);
  }

  tenants(context: RequestContext, query: TenantQuery): Promise<TenantPage> {
    return this.#page<Tenant>(context, 'tenant', query, (where) => {
      if (query.organizationId !== undefined) where.add((p) => `n.organization_id = ${p(query.organizationId)}`);
      if (query.workspaceId !== undefined) where.add((p) => `n.workspace_id = ${p(query.workspaceId)}`);
    });
  }

  tenant(context: RequestContext, id: string): Promise<Tenant> {
    return this.#one<Tenant>(context, 'tenant', id);
  }

  async ownOrganization(context: RequestContext): Promise<Organization> {
    const [row] = await this.database.transaction(context, (manager) =>
      manager.query<Organization[]>(
        `SELECT ${COLUMNS.organization(false)}, ${COMMON} FROM organizations n
         WHERE n.organization_id = $1 AND n.deleted_at IS NULL`,
        [context.organizationId],
      ),
    );
    if (!row) throw new NotFoundError(NOUNS.organization);
    return row;
  }

  async administrators(
    context: RequestContext,
    organizationId: string,
    { page, limit }: PageQuery,
  ): Promise<AdministratorPage> {
    await this.organization(context, organizationId);
    return this.database.transaction(widestScope(context), async (manager) => {
      const rows = await manager.query<(AdministratorPage['data'][number] & { total: number })[]>(
        `SELECT u.user_id AS id, u.email, u.first_name AS "firstName", u.last_name AS "lastName",
                u.is_active AS "isActive", u.is_organization_creator AS "isOrganizationCreator",
                count(*) OVER ()::int AS total
         FROM users u
         WHERE u.deleted_at IS NULL AND u.user_id IN (${ADMINISTRATOR_IDS})
         ORDER BY lower(u.last_name), lower(u.first_name), u.user_id LIMIT $2 OFFSET $3`,
        [organizationId, limit, (page - 1) * limit],
      );
      return paged(rows, page, limit);
    });
  }

  async #page<T extends object>(
    context: RequestContext,
    level: Level,
    filter: Filter,
    narrow: (where: SqlConditions) => void,
  ): Promise<Page<T>> {
    const { page, limit } = filter;
    const { where, everywhere } = await this.#visible(context, level);
    where.add(() => lifeCondition(level, filter.deleted));
    if (filter.isActive !== undefined) where.add((p) => `n.is_active = ${p(filter.isActive)}`);
    if (filter.search !== undefined && filter.search !== '') {
      const { search } = filter;
      where.add((p) => {
        const pattern = p(containing(search));
        return `n.name ILIKE ${pattern} OR n.code ILIKE ${pattern}`;
      });
    }
    narrow(where);
    const { table, key, joins } = HIERARCHY_TABLES[level];
    return this.database.transaction(widestScope(context), async (manager) => {
      const from = `FROM ${table} n ${joins} WHERE ${where.sql}`;
      const [counted] = await manager.query<{ total: number }[]>(`SELECT count(*)::int AS total ${from}`, where.values);
      const rows = await manager.query<T[]>(
        `SELECT ${COLUMNS[level](everywhere)}, ${COMMON} ${from}
         ORDER BY lower(n.name), n.${key} LIMIT ${limit} OFFSET ${(page - 1) * limit}`,
        where.values,
      );
      return { data: rows, meta: pageMeta(page, limit, counted?.total ?? 0) };
    });
  }

  async #one<T>(context: RequestContext, level: Level, id: string): Promise<T> {
    const { table, key, joins } = HIERARCHY_TABLES[level];
    const { where, everywhere } = await this.#visible(context, level);
    where.add((p) => `n.${key} = ${p(id)}`);
    where.add(() => lifeCondition(level, false));
    const [row] = await this.database.transaction(widestScope(context), (manager) =>
      manager.query<T[]>(
        `SELECT ${COLUMNS[level](everywhere)}, ${COMMON} FROM ${table} n ${joins} WHERE ${where.sql}`,
        where.values,
      ),
    );
    if (!row) throw new NotFoundError(NOUNS[level]);
    return row;
  }

  /** Row-level security says the same of organizations, and nothing of workspaces; neither is trusted alone. */
  async #visible(context: RequestContext, level: Level): Promise<{ where: SqlConditions; everywhere: boolean }> {
    const where = new SqlConditions();
    if (level === 'region') return { where, everywhere: context.isPlatformAdministrator };
    const reach = await this.access.reachOf(context, level);
    for (const condition of reachConditions(level, reach)) where.add(condition);
    if (!context.isPlatformAdministrator) where.add((p) => `n.organization_id = ${p(context.organizationId)}`);
    return { where, everywhere: reach.everywhere };
  }
}

/** Directly or through a group, while it lasts. $1 is the organization. */
const ADMINISTRATOR_IDS = `
  SELECT h.user_id FROM (${HELD_ROLES}) h JOIN roles r ON r.role_id = h.role_id
  WHERE r.code = 'administrator' AND r.is_system AND h.scope_type = 'organization' AND h.scope_id = $1`;

function lifeCondition(level: Level, deleted: boolean): string {
  const { ancestorIsDeleted } = HIERARCHY_TABLES[level];
  return deleted
    ? `n.deleted_at > now() - make_interval(days => ${RESTORABLE_DAYS})`
    : `n.deleted_at IS NULL AND NOT (${ancestorIsDeleted})`;
}

function paged<T extends { readonly total: number }>(
  rows: readonly T[],
  page: number,
  limit: number,
): Page<Omit<T, 'total'>> {
  const total = rows[0]?.total ?? 0;
  return {
    data: rows.map(({ total: _, ...row }) => row),
    meta: pageMeta(page, limit, total),
  };
}
