import { Injectable } from '@nestjs/common';
import type { ApiKey, ApiKeyPage, ApiKeyQuery } from '@telemetryflow/contracts';
import { Database } from '../../../shared/platform/database/index.js';
import { NotFoundError, pageMeta, type RequestContext } from '../../../shared/platform/index.js';
import { KeyList } from '../application/queries/key-list.js';
import { OWN_PLACE, placeOf } from './own-place.js';

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

/** What a key is at this moment, as `ApiKey.statusAt` has it, whether or not the job has been there. */
const STATUS = `
  CASE WHEN status IN ('active', 'rotated', 'suspended') AND expires_at <= now() THEN 'expired'
       WHEN status = 'rotated' AND COALESCE(grace_period_expires_at <= now(), true) THEN 'expired'
       ELSE status END`;
const COLUMNS = `
  api_key_id AS id, key_id AS "keyId", name, description, permissions, tenant_id AS "tenantId",
  workspace_id AS "workspaceId", key_hint AS "keyHint", rate_limit AS "rateLimit", expires_at AS "expiresAt", last_used_at AS "lastUsedAt",
  created_at AS "createdAt", created_by AS "createdBy", last_used_ip AS "lastUsedIp",
  usage_count::float8 AS "usageCount", is_system AS "isSystem", grace_period_expires_at AS "gracePeriodExpiresAt",
  revoked_at AS "revokedAt", revoked_reason AS "revokedReason",
  ${STATUS} AS status`;

/** $4: a status or NULL; $5: a part of name, description or key id in lower case, or nothing. */
const MATCHING = `
  ($4::text IS NULL OR status = $4)
  AND ($5 = '' OR strpos(lower(name), $5) > 0 OR strpos(lower(description), $5) > 0 OR strpos("keyId", $5) > 0)`;

@Injectable()
export class PostgresKeyList extends KeyList {
  constructor(private readonly database: Database) {
    super();
  }

  page(context: RequestContext, { page, limit, status, search }: ApiKeyQuery): Promise<ApiKeyPage> {
    return this.database.transaction(context, async (manager) => {
      const filter = [...placeOf(context), status ?? null, search?.toLowerCase() ?? ''];
      const [counted] = await manager.query<(ApiKeyPage['counts'] & { readonly matching: number })[]>(
        `SELECT count(*)::int AS total, count(*) FILTER (WHERE status IN ('active', 'rotated'))::int AS active,
                count(*) FILTER (WHERE status = 'expired')::int AS expired,
                count(*) FILTER (WHERE status = 'revoked')::int AS revoked,
                count(*) FILTER (WHERE ${MATCHING})::int AS matching
         FROM (SELECT ${COLUMNS} FROM api_keys WHERE ${OWN_PLACE}) AS own`,
        filter,
      );
      const rows = await manager.query<KeyRow[]>(
        `SELECT * FROM (SELECT ${COLUMNS} FROM api_keys WHERE ${OWN_PLACE}) AS own WHERE ${MATCHING}
         ORDER BY "createdAt" DESC, id DESC LIMIT $6 OFFSET $7`,
        [...filter, limit, (page - 1) * limit],
      );
      const { matching: total, ...counts } = counted ?? { total: 0, active: 0, expired: 0, revoked: 0, matching: 0 };
      return { data: rows.map(viewOf), meta: pageMeta(page, limit, total), counts };
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
