import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { KeyChanges } from '../key-changes.js';

const NO_REASON = 'revoked by request';

/** Ends a key at once. Revoking it again changes nothing and is no error. */
@Injectable()
export class RevokeApiKey {
  constructor(private readonly changes: KeyChanges) {}

  /**
   * @throws NotFoundError, PermissionDeniedError as {@link KeyChanges.apply}
   * @throws ValidationError for a key of the server
   */
  async execute(context: RequestContext, id: string, reason = NO_REASON): Promise<void> {
    await this.changes.apply(context, id, 'api-keys:delete', (key) => {
      if (key.status === 'revoked') return null;
      const before = { status: key.statusAt(new Date()) };
      key.revoke(context.actor.id, reason === '' ? NO_REASON : reason, new Date());
      return {
        action: 'api_key.revoked',
        before,
        after: { status: key.status },
        details: { reason: key.revokedReason },
      };
    });
  }
}
