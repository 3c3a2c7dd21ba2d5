import { Injectable } from '@nestjs/common';
import type { ApiKey, ApiKeyPage, PageQuery } from '@telemetryflow/contracts';
import { Database } from '../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../shared/platform/index.js';
import { KeyList } from '../application/queries/key-list.js';

type Times = 'expiresAt' | 'lastUsedAt' | 'createdAt' | 'gracePeriodExpiresAt' | 'revokedAt';
type KeyRow = Omit<ApiKey, 'scope' | Times> & {
  readonly tenantId: string | null;
  readonly workspaceId: string;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
  readonly gracePeriodExpiresAt: Date | null;
  readonly revokedAt: Date | null;
};

const COLUMNS = `
  api_key_id AS id, key_id AS "keyId", name, description, permissions, tenant_id AS "tenantId",
  workspace_id AS "workspaceId", key_hint AS "keyHint", rate_limit AS "rateLimit", expires_at AS "expiresAt", last_used_at AS "lastUsedAt",
  created_at AS "createdAt", created_by AS "createdBy", last_used_ip AS "lastUsedIp",
  usage_count::float8 AS "usageCount", is_system AS "isSystem", grace_period_expires_at AS "gracePeriodExpiresAt",
  revoked_at AS "revokedAt", revoked_reason AS "revokedReason",
  CASE WHEN status IN ('active', 'rotated') AND expires_at <= now() THEN 'expired'
       WHEN status = 'rotated' AND COALESCE(grace_period_expires_at <= now(), true) THEN 'expired'
       ELSE status END AS status`;
/** Row-level security says the same; neither is trusted alone. */
const OWN_PLACE = 'organization_id = $1 AND workspace_id = $2 AND (tenant_id IS NULL OR tenant_id = $3)';

@Injectable()
export class PostgresKeyList extends KeyList {
  constructor(private readonly database: Database) {
    super();
  }

  page(context: RequestContext, { page, limit }: PageQuery): Promise<ApiKeyPage> {
    return this.database.transaction(context, async (manager) => {
      const place = placeOf(context);
      const [counted] = await manager.query<ApiKeyPage['counts'][]>(
        `SELECT count(*)::int AS total, count(*) FILTER (WHERE status IN ('active', 'rotated'))::int AS active,
                count(*) FILTER (WHERE status = 'expired')::int AS expired,
                count(*) FILTER (WHERE status = 'revoked')::int AS revoked
         FROM (SELECT ${COLUMNS} FROM api_keys WHERE ${OWN_PLACE}) AS own`,
        place,
      );
      const rows = await manager.query<KeyRow[]>(
        `SELECT ${COLUMNS} FROM api_keys WHERE ${OWN_PLACE}
         ORDER BY created_at DESC, api_key_id DESC LIMIT $4 OFFSET $5`,
        [...place, limit, (page - 1) * limit],
      );
      const counts = counted ?? { total: 0, active: 0, expired: 0, revoked: 0 };
      const { total } = counts;
      return { data: rows.map(viewOf), meta: { page, limit, total, totalPages: Math.ceil(total / limit) }, counts };
    });
  }

  async one(context: RequestContext, id: string): Promise<ApiKey> {
    const [row] = await this.database.transaction(context, (manager) =>
      manager.query<KeyRow[]>(`SELECT ${COLUMNS} FROM api_keys WHERE ${OWN_PLACE} AND api_key_id = $4`, [
        ...placeOf(context),
        id,
      ]),
    );
    if (!row) throw new NotFoundError('API key');
    return viewOf(row);
  }
}

function placeOf(context: RequestContext): [string, string, string] {
  return [context.organizationId, context.workspaceId, context.tenantId];
}

function viewOf({ tenantId, workspaceId, ...row }: KeyRow): ApiKey {
  return {
    ...row,
    scope: tenantId === null ? { type: 'workspace', workspaceId } : { type: 'tenant', tenantId },
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    gracePeriodExpiresAt: row.gracePeriodExpiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
