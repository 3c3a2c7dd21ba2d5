import { Injectable, type OnModuleInit } from '@nestjs/common';
import { EventConsumers, type PlatformEvent } from '../../../shared/messaging/index.js';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { ApiKeys } from './api-keys.js';
import { recordStops } from './stopped-keys.js';

const LEAVING = ['user.deactivated', 'user.deleted'];

/**
 * Whoever made a key has seen its secret: when a user is deactivated or deleted, the keys they made are suspended, and
 * the grace of rotated ones ends. An administrator reactivates, or better rotates, what is still needed.
 */
@Injectable()
export class LeaversKeys implements OnModuleInit {
  constructor(
    private readonly consumers: EventConsumers,
    private readonly database: Database,
    private readonly keys: ApiKeys,
    private readonly authenticator: ApiKeyAuthenticator,
  ) {}

  onModuleInit(): void {
    for (const type of LEAVING) {
      this.consumers.register({ name: `keys-of-leavers-${type}`, type, handle: (event) => this.suspend(event) });
    }
  }

  /** Told twice of the same, it finds nothing to do. */
  async suspend({ id, type, payload, organizationId }: PlatformEvent): Promise<void> {
    const { aggregateId: userId } = payload;
    if (typeof userId !== 'string' || organizationId === null) return;
    const stopped = await this.database.transaction(systemScope('api-keys'), async (manager) => {
      const keys = await this.keys.stopThoseOf(manager, organizationId, userId);
      await recordStops(manager, `event-${id}`, keys, `${type.replace('user.', 'its maker was ')}`);
      return keys;
    });
    for (const { keyId } of stopped) this.authenticator.evict(keyId);
  }
}
