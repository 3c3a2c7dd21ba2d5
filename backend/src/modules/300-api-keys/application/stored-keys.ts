import { Inject, Injectable } from '@nestjs/common';
import { type ApiKeyPermission, INGEST_PERMISSIONS } from '@telemetryflow/contracts';
import type { Logger } from 'pino';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { LOGGER, NotFoundError } from '../../../shared/platform/index.js';
import { PlaceDirectory } from '../../100-core/index.js';
import { ApiKey } from '../domain/api-key.js';
import type { KeyCredential } from '../domain/key-credential.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { ApiKeys } from './api-keys.js';
import { CredentialIssuer } from './credential-issuer.js';

/** Where the server keeps credentials of its own. */
export abstract class KeyFiles {
  /** Null when there is none, or one that can't be understood. */
  abstract read(name: string): Promise<KeyCredential | null>;
  /** Readable by the server's user only. */
  abstract write(name: string, credential: KeyCredential): Promise<void>;
}

/** Keys whose secret the server itself keeps in its data folder, to show in development or to use for itself. */
@Injectable()
export class StoredKeys {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeys,
    private readonly files: KeyFiles,
    private readonly places: PlaceDirectory,
    private readonly credentials: CredentialIssuer,
    private readonly authenticator: ApiKeyAuthenticator,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The key that `npm start` prints in development: it may send all signals to the tenant. */
  ensureDevelopmentKey(tenantId: string): Promise<KeyCredential> {
    return this.ensureStoredKey('development', tenantId, INGEST_PERMISSIONS);
  }

  /**
   * The kept key of this name while it works, is for the tenant and holds the permissions; else a new one takes its
   * place.
   *
   * @throws NotFoundError when the tenant is unknown
   */
  async ensureStoredKey(
    name: string,
    tenantId: string,
    permissions: readonly ApiKeyPermission[],
  ): Promise<KeyCredential> {
    const kept = await this.files.read(name);
    if (kept && (await this.#serves(kept, tenantId, permissions))) return kept;
    const created = await this.#create(name, tenantId, permissions);
    await this.files.write(name, created);
    this.logger.info({ key: name, keyId: created.keyId, tenantId }, 'created a key of the server');
    return created;
  }

  async #serves(kept: KeyCredential, tenantId: string, permissions: readonly ApiKeyPermission[]): Promise<boolean> {
    const principal = await this.authenticator.authenticate({
      'x-api-key-id': kept.keyId,
      'x-api-key-secret': kept.keySecret,
    });
    return principal?.tenantId === tenantId && permissions.every((needed) => principal.permissions.has(needed));
  }

  async #create(name: string, tenantId: string, permissions: readonly ApiKeyPermission[]): Promise<KeyCredential> {
    const place = await this.places.tenant(tenantId);
    if (!place) throw new NotFoundError('Tenant');
    const { keySecret, ...issued } = await this.credentials.issue();
    const key = ApiKey.create(
      {
        name: `${name} (kept by the server)`,
        description: '',
        permissions,
        organizationId: place.organizationId,
        workspaceId: place.workspaceId,
        tenantId,
        rateLimit: null,
        createdBy: null,
        isSystem: true,
        grantable: new Set(permissions),
      },
      issued,
      new Date(),
    );
    await this.database.transaction(systemScope('platform'), (manager) => this.keys.add(manager, key));
    this.authenticator.evict(key.keyId);
    return { keyId: key.keyId, keySecret };
  }
}
