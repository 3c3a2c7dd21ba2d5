import type { EntityManager } from 'typeorm';
import type { RequestContext } from '../../../shared/platform/index.js';
import type { ApiKey } from '../domain/api-key.js';

/** A stored key as the authenticator needs it, with the tenant it acts in by default. */
export interface KeyRecord {
  readonly key: ApiKey;
  /** The key's tenant, or the oldest tenant of its workspace. */
  readonly defaultTenantId: string;
}

/** How often a key was used since it was last written down. */
export interface KeyUse {
  readonly apiKeyId: string;
  readonly requests: number;
  readonly lastUsedAt: Date;
  /** Empty: unknown. */
  readonly lastUsedIp: string;
}

/** The same, taken apart: answered requests by hour, endpoint and status. */
export interface KeyUseCell {
  readonly apiKeyId: string;
  /** Its beginning. */
  readonly hour: Date;
  readonly endpoint: string;
  /** An HTTP status or the name of a gRPC code. */
  readonly status: string;
  readonly requests: number;
  readonly errors: number;
}

/** A key that the platform itself has stopped. */
export interface StoppedKey {
  readonly id: string;
  readonly keyId: string;
  readonly name: string;
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string | null;
  readonly statusBefore: string;
  readonly status: string;
}

/** The collection of keys. What a manager's transaction may not see, it does not contain. */
export abstract class ApiKeys {
  /** @throws ConflictError when a key in use of the organization has the name */
  abstract add(manager: EntityManager, key: ApiKey): Promise<void>;
  /** @throws ConflictError when a key in use of the organization has the name */
  abstract save(manager: EntityManager, key: ApiKey): Promise<void>;
  /** A key of the caller's tenant or of its whole workspace. Null: unknown or elsewhere. */
  abstract find(manager: EntityManager, context: RequestContext, id: string): Promise<ApiKey | null>;
  /** The same, locked until the transaction ends. */
  abstract forUpdate(manager: EntityManager, context: RequestContext, id: string): Promise<ApiKey | null>;
  /** Names of keys in use, in lower case, that rotation has given, in the whole organization of the transaction's place. */
  abstract successorNames(manager: EntityManager, organizationId: string): Promise<ReadonlySet<string>>;
  /**
   * How many keys of the workspace are active or suspended, the server's own not counted. Until the transaction ends nobody
   * else gets an answer for this workspace: of two that take the last of a quota, one does.
   */
  abstract countInUse(manager: EntityManager, workspaceId: string): Promise<number>;
  /** By the stored spelling; null when unknown, or when its place is inactive or deleted. */
  abstract record(keyId: string): Promise<KeyRecord | null>;
  /** Writes down that keys have expired, a few hundred at a time; answers which. */
  abstract expireDue(manager: EntityManager): Promise<readonly StoppedKey[]>;
  /** Suspends the active keys that the user made, and ends the grace of the rotated ones; answers which. */
  abstract stopThoseOf(manager: EntityManager, organizationId: string, userId: string): Promise<readonly StoppedKey[]>;
  abstract noteUses(uses: readonly KeyUse[], cells: readonly KeyUseCell[]): Promise<void>;
  /** Makes room for the counts of the months to come and drops those that are kept no longer. */
  abstract maintainUsage(): Promise<void>;
}
