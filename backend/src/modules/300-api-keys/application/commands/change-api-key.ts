import { Injectable } from '@nestjs/common';
import type { ApiKey, UpdateApiKeyRequest } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';
import type { ApiKey as Key, ApiKeyChanges } from '../../domain/api-key.js';
import { KeyChanges } from '../key-changes.js';
import { KeyList } from '../queries/key-list.js';

const FIELDS = ['name', 'description', 'permissions', 'expiresAt', 'rateLimit'] as const;

/** Changes what a key is called, may do and how often, and until when; from the next request on. */
@Injectable()
export class ChangeApiKey {
  constructor(
    private readonly changes: KeyChanges,
    private readonly keys: KeyList,
  ) {}

  /**
   * @throws NotFoundError, PermissionDeniedError as {@link KeyChanges.apply}
   * @throws ValidationError, ConflictError, PermissionDeniedError as {@link Key.change}
   * @throws ConflictError when another key in use of the organization has the name
   */
  async execute(context: RequestContext, id: string, request: UpdateApiKeyRequest): Promise<ApiKey> {
    await this.changes.apply(context, id, 'api-keys:update', (key, held) => {
      const before = { ...key };
      key.change(changesIn(request), held, new Date());
      const changed = FIELDS.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(key[field]));
      if (changed.length === 0) return null;
      return { action: 'api_key.updated', before: only(changed, before), after: only(changed, key) };
    });
    return this.keys.one(context, id);
  }
}

function changesIn({ expiresAt, name, description, permissions, rateLimit }: UpdateApiKeyRequest): ApiKeyChanges {
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(permissions === undefined ? {} : { permissions }),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
  };
}

function only(fields: readonly (typeof FIELDS)[number][], key: Pick<Key, (typeof FIELDS)[number]>) {
  return Object.fromEntries(fields.map((field) => [field, key[field]]));
}
