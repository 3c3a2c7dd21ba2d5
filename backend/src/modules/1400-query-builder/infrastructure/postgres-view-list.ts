import { Injectable } from '@nestjs/common';
import type { SavedView, SavedViewPage, SavedViewsQuery } from '@telemetryflow/contracts';
import { Database } from '../../../shared/platform/database/index.js';
import { NotFoundError, pageMeta, type RequestContext } from '../../../shared/platform/index.js';
import { ViewList } from '../application/queries/view-list.js';

type ViewRow = Omit<SavedView, 'createdAt' | 'updatedAt'> & { readonly createdAt: Date; readonly updatedAt: Date };

/** $1 to $3: the place; $4: the caller. Row-level security says the same; neither is trusted alone. */
const READABLE = `
  v.organization_id = $1 AND v.workspace_id = $2 AND v.tenant_id = $3 AND (v.visibility = 'shared' OR v.owner_id = $4)`;
/** An owner from another organization (the platform's own people) is not known here by name. */
const COLUMNS = `
  v.saved_view_id AS id, v.name, v.description, v.page, v.state, v.visibility, v.owner_id AS "ownerId",
  COALESCE(NULLIF(trim(u.first_name || ' ' || u.last_name), ''), u.email, '') AS "ownerName",
  v.owner_id = $4 AS "isMine", v.created_at AS "createdAt", v.updated_at AS "updatedAt"`;
const VIEWS = 'saved_views v LEFT JOIN users u ON u.user_id = v.owner_id';
/** $5: a page or NULL; $6: a part of name or description in lower case, or nothing. */
const MATCHING = `
  ($5::text IS NULL OR v.page = $5)
  AND ($6 = '' OR strpos(lower(v.name), $6) > 0 OR strpos(lower(v.description), $6) > 0)`;

@Injectable()
export class PostgresViewList extends ViewList {
  constructor(private readonly database: Database) {
    super();
  }

  page(context: RequestContext, { page, limit, view, search }: SavedViewsQuery): Promise<SavedViewPage> {
    return this.database.transaction(context, async (manager) => {
      const filter = [...callerIn(context), view ?? null, search.toLowerCase()];
      const [counted] = await manager.query<{ total: number }[]>(
        `SELECT count(*)::int AS total FROM saved_views v WHERE ${READABLE} AND ${MATCHING}`,
        filter,
      );
      const rows = await manager.query<ViewRow[]>(
        `SELECT ${COLUMNS} FROM ${VIEWS} WHERE ${READABLE} AND ${MATCHING}
         ORDER BY lower(v.name), v.saved_view_id LIMIT $7 OFFSET $8`,
        [...filter, limit, (page - 1) * limit],
      );
      return { data: rows.map(viewOf), meta: pageMeta(page, limit, counted?.total ?? 0) };
    });
  }

  async one(context: RequestContext, id: string): Promise<SavedView> {
    const [row] = await this.database.transaction(context, (manager) =>
      manager.query<ViewRow[]>(`SELECT ${COLUMNS} FROM ${VIEWS} WHERE ${READABLE} AND v.saved_view_id = $5`, [
        ...callerIn(context),
        id,
      ]),
    );
    if (!row) throw new NotFoundError('Saved view');
    return viewOf(row);
  }
}

function callerIn({ organizationId, workspaceId, tenantId, actor }: RequestContext): string[] {
  return [organizationId, workspaceId, tenantId, actor.id];
}

function viewOf(row: ViewRow): SavedView {
  return { ...row, createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() };
}
