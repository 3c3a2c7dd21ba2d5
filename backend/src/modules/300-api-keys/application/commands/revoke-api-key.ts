import { Injectable } from '@nestjs/common';
import { Database, recordAct } from '../../../../shared/platform/database/index.js';
import { NotFoundError, PermissionDeniedError, type RequestContext } from '../../../../shared/platform/index.js';
import { AccessDirectory, PlaceDirectory } from '../../../100-core/index.js';
import { ApiKeyAuthenticator } from '../api-key-authenticator.js';
import { ApiKeys } from '../api-keys.js';

/** Ends a key at once. Revoking it again changes nothing and is no error. */
@Injectable()
export class RevokeApiKey {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeys,
    private readonly access: AccessDirectory,
    private readonly places: PlaceDirectory,
    private readonly authenticator: ApiKeyAuthenticator,
  ) {}

  /**
   * @throws NotFoundError when the key is unknown or belongs elsewhere
   * @throws PermissionDeniedError when the key is the whole workspace's and the caller may delete in a part of it only
   */
  async execute(context: RequestContext, id: string, reason: string): Promise<void> {
    const keyId = await this.database.transaction(context, async (manager) => {
      const key = await this.keys.forUpdate(manager, id);
      if (!key) throw new NotFoundError('API key');
      if (key.tenantId === null) await this.#assertWholeWorkspace(context);
      if (key.status !== 'revoked') {
        key.revoke(context.actor.id, reason, new Date());
        await this.keys.save(manager, key);
        await recordAct(manager, context, {
          action: 'api_key.revoked',
          resource: { type: 'api_key', id: key.id, name: key.name },
          details: { keyId: key.keyId, reason },
        });
      }
      return key.keyId;
    });
    this.authenticator.evict(keyId);
  }

  async #assertWholeWorkspace({ actor, tenantId }: RequestContext): Promise<void> {
    const [access, place] = await Promise.all([this.access.accessOf(actor.id), this.places.tenant(tenantId)]);
    if (place && access.permissionsInWorkspace(place, Date.now()).has('api-keys:delete')) return;
    throw new PermissionDeniedError('api-keys:delete in the whole workspace');
  }
}
