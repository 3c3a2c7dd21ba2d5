import { Injectable } from '@nestjs/common';
import { appendToOutbox, Database, origin } from '../../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { ApiKeyAuthenticator } from '../api-key-authenticator.js';
import { ApiKeys } from '../api-keys.js';

/** Ends a key at once. Revoking it again changes nothing and is no error. */
@Injectable()
export class RevokeApiKey {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeys,
    private readonly authenticator: ApiKeyAuthenticator,
  ) {}

  /** @throws NotFoundError when the key is unknown or belongs elsewhere */
  async execute(context: RequestContext, id: string, reason: string): Promise<void> {
    const keyId = await this.database.transaction(context, async (manager) => {
      const key = await this.keys.forUpdate(manager, id);
      if (!key) throw new NotFoundError('API key');
      if (key.status !== 'revoked') {
        key.revoke(context.actor.id, reason, new Date());
        await this.keys.save(manager, key);
        await appendToOutbox(manager, {
          type: 'api_key.revoked',
          aggregateId: key.id,
          organizationId: key.organizationId,
          payload: { ...origin(context), name: key.name, keyId: key.keyId, reason },
        });
      }
      return key.keyId;
    });
    this.authenticator.evict(keyId);
  }
}
