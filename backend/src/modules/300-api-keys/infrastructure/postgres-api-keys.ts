import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { ApiKeys, type KeyRecord, type KeyUse } from '../application/api-keys.js';
import { ApiKey } from '../domain/api-key.js';

/** The key's place must be alive all the way up; a workspace-wide key needs at least one tenant to act in. */
const LIVING_PLACE = `
  SELECT t.tenant_id
  FROM tenants t
  JOIN workspaces w ON w.workspace_id = t.workspace_id AND w.is_active AND w.deleted_at IS NULL
  JOIN organizations o ON o.organization_id = t.organization_id AND o.is_active AND o.deleted_at IS NULL
  WHERE t.workspace_id = $1 AND ($2::uuid IS NULL OR t.tenant_id = $2) AND t.is_active AND t.deleted_at IS NULL
  ORDER BY t.created_at, t.tenant_id LIMIT 1`;

@Injectable()
export class PostgresApiKeys extends ApiKeys {
  constructor(private readonly database: Database) {
    super();
  }

  async add(manager: EntityManager, key: ApiKey): Promise<void> {
    await manager.getRepository(ApiKey).insert(key);
  }

  async save(manager: EntityManager, key: ApiKey): Promise<void> {
    await manager.getRepository(ApiKey).save(key);
  }

  forUpdate(manager: EntityManager, id: string): Promise<ApiKey | null> {
    return manager.getRepository(ApiKey).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  record(keyId: string): Promise<KeyRecord | null> {
    return this.database.transaction(systemScope('api-keys'), async (manager) => {
      const key = await manager.getRepository(ApiKey).findOneBy({ keyId });
      if (!key) return null;
      const [tenant] = await manager.query<{ tenant_id: string }[]>(LIVING_PLACE, [key.workspaceId, key.tenantId]);
      return tenant ? { key, defaultTenantId: tenant.tenant_id } : null;
    });
  }

  async noteUses(uses: readonly KeyUse[]): Promise<void> {
    await this.database.transaction(systemScope('api-keys'), (manager) =>
      manager.query(
        `UPDATE api_keys k
         SET usage_count = k.usage_count + u.count, last_used_at = greatest(k.last_used_at, u.last_used_at)
         FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS u(api_key_id, count, last_used_at)
         WHERE k.api_key_id = u.api_key_id`,
        [uses.map((use) => use.apiKeyId), uses.map((use) => use.count), uses.map((use) => use.lastUsedAt)],
      ),
    );
  }
}
