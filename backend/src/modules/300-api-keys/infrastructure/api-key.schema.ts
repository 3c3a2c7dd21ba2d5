import { EntitySchema } from 'typeorm';
import { ApiKey } from '../domain/api-key.js';

export const ApiKeySchema = new EntitySchema<ApiKey>({
  name: 'ApiKey',
  target: ApiKey,
  tableName: 'api_keys',
  columns: {
    id: { type: 'uuid', primary: true, name: 'api_key_id' },
    keyId: { type: 'text', update: false },
    secretHash: { type: 'text', update: false },
    keyHint: { type: 'text', update: false },
    name: { type: 'text' },
    description: { type: 'text' },
    scopeType: { type: 'text', update: false },
    organizationId: { type: 'uuid', update: false },
    workspaceId: { type: 'uuid', update: false },
    tenantId: { type: 'uuid', nullable: true, update: false },
    permissions: { type: 'text', array: true },
    status: { type: 'text' },
    isSystem: { type: 'boolean', update: false },
    rateLimit: { type: 'integer', nullable: true },
    expiresAt: { type: 'timestamptz', nullable: true },
    gracePeriodExpiresAt: { type: 'timestamptz', nullable: true },
    createdBy: { type: 'uuid', nullable: true, update: false },
    createdAt: { type: 'timestamptz', update: false },
    revokedAt: { type: 'timestamptz', nullable: true },
    revokedBy: { type: 'uuid', nullable: true },
    revokedReason: { type: 'text', nullable: true },
  },
});
