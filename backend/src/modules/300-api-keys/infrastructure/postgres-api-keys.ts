import { Injectable } from '@nestjs/common';
import { type EntityManager, type FindOptionsWhere, IsNull, QueryFailedError } from 'typeorm';
import { beyondPlace, Database, systemScope } from '../../../shared/platform/database/index.js';
import { ConflictError, type RequestContext } from '../../../shared/platform/index.js';
import { ApiKeys, type KeyRecord, type KeyUse, type KeyUseCell, type StoppedKey } from '../application/api-keys.js';
import { ApiKey } from '../domain/api-key.js';

/** The key's place must be open all the way up; a workspace-wide key needs at least one tenant to act in. */
const OPEN_PLACE = `
  SELECT tenant_id FROM open_places WHERE workspace_id = $1 AND ($2::uuid IS NULL OR tenant_id = $2)
  ORDER BY tenant_created_at, tenant_id LIMIT 1`;

/** Rows are locked in one order, so that two nodes never wait for each other. */
const NOTE_USES = `
  WITH own AS (
    SELECT api_key_id FROM api_keys WHERE api_key_id = ANY ($1::uuid[]) ORDER BY api_key_id FOR NO KEY UPDATE
  )
  UPDATE api_keys k
  SET usage_count = k.usage_count + u.requests,
      last_used_at = GREATEST(k.last_used_at, u.last_used_at),
      last_used_ip = CASE WHEN u.ip = '' OR u.last_used_at < k.last_used_at THEN k.last_used_ip ELSE u.ip END
  FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::text[]) AS u(api_key_id, requests, last_used_at, ip)
  JOIN own USING (api_key_id)
  WHERE k.api_key_id = u.api_key_id`;

/** What a node with a wrong clock counted goes where there is a partition for it. */
const NOTE_CELLS = `
  INSERT INTO api_key_usage AS a (api_key_id, hour, endpoint, status, requests, errors)
  SELECT c.api_key_id, date_trunc('hour', LEAST(GREATEST(c.hour, now() - interval '1 day'), now()), 'UTC') AS hour,
         c.endpoint, c.status, sum(c.requests), sum(c.errors)
  FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
       AS c(api_key_id, hour, endpoint, status, requests, errors)
  JOIN api_keys USING (api_key_id)
  GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
  ON CONFLICT (api_key_id, hour, endpoint, status) DO UPDATE
  SET requests = a.requests + excluded.requests, errors = a.errors + excluded.errors`;

const STOPPED = `
  k.api_key_id AS id, k.key_id AS "keyId", k.name, k.organization_id AS "organizationId",
  k.workspace_id AS "workspaceId", k.tenant_id AS "tenantId", due.status AS "statusBefore", k.status`;

const EXPIRE_DUE = `
  WITH due AS (
    SELECT api_key_id, status FROM api_keys
    WHERE status IN ('active', 'rotated', 'suspended') AND LEAST(expires_at, grace_period_expires_at) <= now()
    ORDER BY api_key_id LIMIT 500 FOR UPDATE SKIP LOCKED
  )
  UPDATE api_keys k SET status = 'expired', updated_at = now() FROM due WHERE k.api_key_id = due.api_key_id
  RETURNING ${STOPPED}`;

/** What its maker may know the secret of. */
const STOP_THOSE_OF = `
  WITH due AS (
    SELECT api_key_id, status FROM api_keys
    WHERE organization_id = $1 AND created_by = $2 AND NOT is_system AND status IN ('active', 'rotated')
    ORDER BY api_key_id FOR UPDATE
  )
  UPDATE api_keys k SET status = CASE due.status WHEN 'active' THEN 'suspended' ELSE 'expired' END, updated_at = now()
  FROM due WHERE k.api_key_id = due.api_key_id
  RETURNING ${STOPPED}`;

@Injectable()
export class PostgresApiKeys extends ApiKeys {
  constructor(private readonly database: Database) {
    super();
  }

  async add(manager: EntityManager, key: ApiKey): Promise<void> {
    await refusingTakenName(key, manager.getRepository(ApiKey).insert(key));
  }

  async save(manager: EntityManager, key: ApiKey): Promise<void> {
    await refusingTakenName(key, manager.getRepository(ApiKey).save(key));
  }

  find(manager: EntityManager, context: RequestContext, id: string): Promise<ApiKey | null> {
    return manager.getRepository(ApiKey).findOne({ where: ownKey(context, id) });
  }

  forUpdate(manager: EntityManager, context: RequestContext, id: string): Promise<ApiKey | null> {
    return manager.getRepository(ApiKey).findOne({ where: ownKey(context, id), lock: { mode: 'pessimistic_write' } });
  }

  async successorNames(manager: EntityManager, organizationId: string): Promise<ReadonlySet<string>> {
    const rows = await beyondPlace(manager, 'api-keys', () =>
      manager.query<{ name: string }[]>(
        `SELECT lower(name) AS name FROM api_keys
         WHERE organization_id = $1 AND status IN ('active', 'suspended') AND NOT is_system
           AND lower(name) LIKE '%(rotated%)'`,
        [organizationId],
      ),
    );
    return new Set(rows.map(({ name }) => name));
  }

  async countInUse(manager: EntityManager, workspaceId: string): Promise<number> {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('api_keys of ' || $1, 0))`, [workspaceId]);
    const [row] = await beyondPlace(manager, 'api-keys', () =>
      manager.query<{ keys: number }[]>(
        `SELECT count(*)::int AS keys FROM api_keys
         WHERE workspace_id = $1 AND status IN ('active', 'suspended') AND NOT is_system`,
        [workspaceId],
      ),
    );
    return row?.keys ?? 0;
  }

  record(keyId: string): Promise<KeyRecord | null> {
    return this.database.transaction(systemScope('api-keys'), async (manager) => {
      const key = await manager.getRepository(ApiKey).findOneBy({ keyId });
      if (!key) return null;
      const [tenant] = await manager.query<{ tenant_id: string }[]>(OPEN_PLACE, [key.workspaceId, key.tenantId]);
      return tenant ? { key, defaultTenantId: tenant.tenant_id } : null;
    });
  }

  async expireDue(manager: EntityManager): Promise<readonly StoppedKey[]> {
    const [rows] = await manager.query<[StoppedKey[], number]>(EXPIRE_DUE);
    return rows;
  }

  async stopThoseOf(manager: EntityManager, organizationId: string, userId: string): Promise<readonly StoppedKey[]> {
    const [rows] = await manager.query<[StoppedKey[], number]>(STOP_THOSE_OF, [organizationId, userId]);
    return rows;
  }

  async noteUses(uses: readonly KeyUse[], cells: readonly KeyUseCell[]): Promise<void> {
    await this.database.transaction(systemScope('api-keys'), async (manager) => {
      await manager.query(NOTE_USES, [
        uses.map((use) => use.apiKeyId),
        uses.map((use) => use.requests),
        uses.map((use) => use.lastUsedAt),
        uses.map((use) => use.lastUsedIp),
      ]);
      await manager.query(NOTE_CELLS, [
        cells.map((cell) => cell.apiKeyId),
        cells.map((cell) => cell.hour),
        cells.map((cell) => cell.endpoint),
        cells.map((cell) => cell.status),
        cells.map((cell) => cell.requests),
        cells.map((cell) => cell.errors),
      ]);
    });
  }

  async maintainUsage(): Promise<void> {
    await this.database.transaction(systemScope('api-keys'), (manager) =>
      manager.query('SELECT api_key_usage_maintain()'),
    );
  }
}

/** Row-level security says the same; neither is trusted alone. */
function ownKey({ organizationId, workspaceId, tenantId }: RequestContext, id: string): FindOptionsWhere<ApiKey>[] {
  const inWorkspace = { id, organizationId, workspaceId };
  return [
    { ...inWorkspace, tenantId },
    { ...inWorkspace, tenantId: IsNull() },
  ];
}

async function refusingTakenName(key: ApiKey, write: Promise<unknown>): Promise<void> {
  try {
    await write;
  } catch (error) {
    const constraint =
      error instanceof QueryFailedError ? (error.driverError as { constraint?: string }).constraint : '';
    if (constraint !== 'api_keys_name') throw error;
    const message = 'is the name of another key in use in this organization; choose another one';
    throw new ConflictError(`An API key in use is named ${key.name} already`, [
      { path: 'name', code: 'duplicate', message },
    ]);
  }
}
