import { Injectable } from '@nestjs/common';
import { Database, systemScope } from '../../../../shared/platform/database/index.js';
import { ApiKeyAuthenticator } from '../api-key-authenticator.js';
import { ApiKeys, type StoppedKey } from '../api-keys.js';
import { recordStops } from '../stopped-keys.js';

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

  #some(requestId: string): Promise<readonly StoppedKey[]> {
    return this.database.transaction(systemScope('api-keys'), async (manager) => {
      const expired = await this.keys.expireDue(manager);
      await recordStops(manager, requestId, expired, 'its time is over');
      return expired;
    });
  }
}
