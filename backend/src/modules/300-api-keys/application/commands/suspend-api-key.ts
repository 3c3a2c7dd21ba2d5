import { Injectable } from '@nestjs/common';
import type { ApiKey } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { KeyChanges } from '../key-changes.js';
import { KeyList } from '../queries/key-list.js';

/** Stops a key for a while, at once; {@link ReactivateApiKey} lets it in again. */
@Injectable()
export class SuspendApiKey {
  constructor(
    private readonly changes: KeyChanges,
    private readonly keys: KeyList,
  ) {}

  /**
   * @throws NotFoundError, PermissionDeniedError as {@link KeyChanges.apply}
   * @throws ValidationError, ConflictError as {@link ApiKey.suspend}
   */
  async execute(context: RequestContext, id: string): Promise<ApiKey> {
    await this.changes.apply(context, id, 'api-keys:update', (key) => {
      key.suspend(new Date());
      return { action: 'api_key.suspended', before: { status: 'active' }, after: { status: key.status } };
    });
    return this.keys.one(context, id);
  }
}

/** Ends the suspension of a key. Nothing else comes back: what was revoked or has expired stays so. */
@Injectable()
export class ReactivateApiKey {
  constructor(
    private readonly changes: KeyChanges,
    private readonly keys: KeyList,
  ) {}

  /**
   * @throws NotFoundError, PermissionDeniedError as {@link KeyChanges.apply}
   * @throws ValidationError, ConflictError as {@link ApiKey.reactivate}
   */
  async execute(context: RequestContext, id: string): Promise<ApiKey> {
    await this.changes.apply(context, id, 'api-keys:update', (key) => {
      key.reactivate(new Date());
      return { action: 'api_key.reactivated', before: { status: 'suspended' }, after: { status: key.status } };
    });
    return this.keys.one(context, id);
  }
}
