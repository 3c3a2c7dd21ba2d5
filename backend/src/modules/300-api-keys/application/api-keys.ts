import type { EntityManager } from 'typeorm';
import type { ApiKey } from '../domain/api-key.js';

/** A stored key as the authenticator needs it, with the tenant it acts in by default. */
export interface KeyRecord {
  readonly key: ApiKey;
  /** The key's tenant, or the oldest tenant of its workspace. */
  readonly defaultTenantId: string;
}

export interface KeyUse {
  readonly apiKeyId: string;
  readonly count: number;
  readonly lastUsedAt: Date;
}

/** The collection of keys. What a manager's transaction may not see, it does not contain. */
export abstract class ApiKeys {
  abstract add(manager: EntityManager, key: ApiKey): Promise<void>;
  abstract save(manager: EntityManager, key: ApiKey): Promise<void>;
  /** Locked until the transaction ends. Null: unknown or foreign. */
  abstract forUpdate(manager: EntityManager, id: string): Promise<ApiKey | null>;
  /** By the stored spelling; null when unknown, or when its place is inactive or deleted. */
  abstract record(keyId: string): Promise<KeyRecord | null>;
  abstract noteUses(uses: readonly KeyUse[]): Promise<void>;
}
