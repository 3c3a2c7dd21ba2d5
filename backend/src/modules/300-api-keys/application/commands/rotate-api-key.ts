import { Injectable } from '@nestjs/common';
import type { RotateApiKeyRequest } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';
import type { ApiKey } from '../../domain/api-key.js';
import { successorName } from '../../domain/key-name.js';
import { ApiKeys } from '../api-keys.js';
import { CredentialIssuer } from '../credential-issuer.js';
import { KeyChanges } from '../key-changes.js';

const MINUTE_MS = 60_000;

/** The rotated key, and the one that takes its place with a secret that is told this once. */
export interface RotatedKey {
  readonly old: ApiKey;
  readonly key: ApiKey;
  readonly keySecret: string;
}

/**
 * Gives a key a successor with the same scope, permissions, limit and expiry. The old pair works on for the grace period,
 * so that senders can be moved over one after the other.
 */
@Injectable()
export class RotateApiKey {
  constructor(
    private readonly changes: KeyChanges,
    private readonly keys: ApiKeys,
    private readonly credentials: CredentialIssuer,
  ) {}

  /**
   * Of two rotations of one key at the same time one wins; to the other the key is not active any more.
   *
   * @throws NotFoundError, PermissionDeniedError as {@link KeyChanges.apply}
   * @throws ValidationError, PermissionDeniedError as {@link ApiKey.assertRotatable}
   */
  async execute(context: RequestContext, id: string, request: RotateApiKeyRequest): Promise<RotatedKey> {
    await this.changes.rehearse(context, id, 'api-keys:update', (key, held) => key.assertRotatable(held, new Date()));
    const { keySecret, ...credential } = await this.credentials.issue();
    const rotated: { old?: ApiKey; key?: ApiKey } = {};
    await this.changes.apply(context, id, 'api-keys:update', async (old, grantable, manager) => {
      const taken = await this.keys.successorNames(manager, old.organizationId);
      const key = old.rotate(
        {
          credential,
          name: successorName(old.name, (name) => taken.has(name)),
          graceMs: request.gracePeriodMinutes * MINUTE_MS,
          by: context.actor.id,
          grantable,
        },
        new Date(),
      );
      await this.keys.add(manager, key);
      Object.assign(rotated, { old, key });
      return {
        action: 'api_key.rotated',
        before: { status: 'active' },
        after: { status: old.status, gracePeriodExpiresAt: old.gracePeriodExpiresAt },
        details: { successor: { id: key.id, keyId: key.keyId, name: key.name } },
      };
    });
    const { old, key } = rotated;
    if (!old || !key) throw new Error('A rotation that went through has left no key');
    return { old, key, keySecret };
  }
}
