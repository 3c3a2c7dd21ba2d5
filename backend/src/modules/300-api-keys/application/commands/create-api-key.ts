import { Injectable } from '@nestjs/common';
import type { ApiKeyScope, CreateApiKeyRequest } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, recordAct } from '../../../../shared/platform/database/index.js';
import {
  ConflictError,
  NotFoundError,
  PermissionDeniedError,
  type RequestContext,
} from '../../../../shared/platform/index.js';
import { AccessDirectory, PlaceDirectory, Quotas, type Place } from '../../../100-core/index.js';
import { ApiKey, type ApiKeyDraft } from '../../domain/api-key.js';
import { ApiKeyAuthenticator } from '../api-key-authenticator.js';
import { ApiKeys } from '../api-keys.js';
import { CredentialIssuer } from '../credential-issuer.js';

/** A key, and its secret, which is told this once. */
export interface CreatedKey {
  readonly key: ApiKey;
  readonly keySecret: string;
}

interface Target {
  readonly place: Place;
  /** What the creator holds in all of the target. */
  readonly grantable: ReadonlySet<string>;
}

/** Creates a key for a tenant or a whole workspace. Nobody gives a key what they lack in its scope. */
@Injectable()
export class CreateApiKey {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeys,
    private readonly access: AccessDirectory,
    private readonly places: PlaceDirectory,
    private readonly quotas: Quotas,
    private readonly credentials: CredentialIssuer,
    private readonly authenticator: ApiKeyAuthenticator,
  ) {}

  /**
   * @throws NotFoundError when the scope is unknown or the caller may not enter it
   * @throws PermissionDeniedError when they may make no keys there; else that and ValidationError as {@link ApiKey.create}
   * @throws ConflictError when another key in use of the organization has the name, or the workspace's quota of keys is used up
   */
  async execute(context: RequestContext, request: CreateApiKeyRequest): Promise<CreatedKey> {
    const { place, grantable } = await this.#target(context, request.scope);
    // The guard has asked where the caller stands; the key may be for elsewhere.
    if (!grantable.has('api-keys:create')) throw new PermissionDeniedError('api-keys:create there');
    const draft: ApiKeyDraft = {
      name: request.name,
      description: request.description ?? '',
      permissions: request.permissions,
      organizationId: place.organizationId,
      workspaceId: place.workspaceId,
      tenantId: request.scope.type === 'tenant' ? place.tenantId : null,
      ...(request.expiresAt === undefined ? {} : { expiresAt: new Date(request.expiresAt) }),
      rateLimit: request.rateLimit ?? null,
      createdBy: context.actor.id,
      grantable,
    };
    ApiKey.assertLawful(draft, new Date());
    const { maxApiKeys } = await this.quotas.quotasOf(place.workspaceId);
    const { keySecret, ...issued } = await this.credentials.issue();
    const key = ApiKey.create(draft, issued, new Date());
    // The key may be for another place than the caller stands in; they may enter it, as was checked.
    const { organizationId, workspaceId, tenantId } = place;
    const there: RequestContext = { ...context, organizationId, workspaceId, tenantId };
    await this.database.transaction(there, async (manager) => {
      if (typeof maxApiKeys === 'number') await this.#assertRoom(manager, workspaceId, maxApiKeys);
      await this.keys.add(manager, key);
      const { name, keyId, permissions, scope, expiresAt, rateLimit } = key;
      await recordAct(manager, there, {
        action: 'api_key.created',
        resource: { type: 'api_key', id: key.id, name },
        after: { keyId, permissions, scope, expiresAt, rateLimit },
        details: { keyId },
      });
    });
    this.authenticator.evict(key.keyId);
    return { key, keySecret };
  }

  async #assertRoom(manager: EntityManager, workspaceId: string, maxApiKeys: number): Promise<void> {
    if ((await this.keys.countInUse(manager, workspaceId)) < maxApiKeys) return;
    throw new ConflictError(`The workspace's quota allows ${maxApiKeys} API keys; revoke one or have the quota raised`);
  }

  async #target({ actor }: RequestContext, scope: ApiKeyScope): Promise<Target> {
    const access = await this.access.accessOf(actor.id);
    const now = Date.now();
    if (scope.type === 'tenant') {
      const place = await this.places.tenant(scope.tenantId);
      if (!place || !access.mayEnter(place, now)) throw new NotFoundError('Tenant');
      return { place, grantable: access.permissionsAt(place, now) };
    }
    const [place] = await this.places.tenantsOf(scope.workspaceId);
    const grantable = place && access.permissionsInWorkspace(place, now);
    if (!place || !grantable || grantable.size === 0) throw new NotFoundError('Workspace');
    return { place, grantable };
  }
}
