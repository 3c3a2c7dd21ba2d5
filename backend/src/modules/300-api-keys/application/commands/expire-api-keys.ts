import { Injectable } from '@nestjs/common';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { ApiKeyAuthenticator } from '../api-key-authenticator.js';
import { ApiKeys, type ExpiredKey } from '../api-keys.js';

const ACTOR = { type: 'system', id: 'api-key-expiry' } as const;

/**
 * Writes down which keys have expired, or have lived through their grace period. Nothing waits for it: a key is refused,
 * and shown as expired, from its moment on.
 */
@Injectable()
export class ExpireApiKeys {
  constructor(
    private readonly database: Database,
    private readonly keys: ApiKeys,
    private readonly authenticator: ApiKeyAuthenticator,
  ) {}

  /** Answers how many. `requestId` goes into the acts. */
  async execute(requestId: string): Promise<number> {
    let total = 0;
    for (;;) {
      const expired = await this.#some(requestId);
      if (expired.length === 0) return total;
      total += expired.length;
      for (const { keyId } of expired) this.authenticator.evict(keyId);
    }
  }

  #some(requestId: string): Promise<readonly ExpiredKey[]> {
    return this.database.transaction(systemScope('api-keys'), async (manager) => {
      const expired = await this.keys.expireDue(manager);
      for (const { id, keyId, name, organizationId, workspaceId, tenantId, statusBefore } of expired) {
        const place = { organizationId, workspaceId, ...(tenantId === null ? {} : { tenantId }) };
        await recordAct(
          manager,
          { requestId, ip: '', userAgent: '', actor: ACTOR, ...place },
          {
            action: 'api_key.expired',
            resource: { type: 'api_key', id, name },
            before: { status: statusBefore },
            after: { status: 'expired' },
            details: { keyId },
          },
        );
      }
      return expired;
    });
  }
}
