import type { CreatedApiKey, RotatedApiKey } from '@telemetryflow/contracts';
import type { CreatedKey } from '../application/commands/create-api-key.js';
import type { RotatedKey } from '../application/commands/rotate-api-key.js';
import { underscored } from '../domain/key-credential.js';

/** A key that nobody has used yet, with its secret. */
export function createdView({ key, keySecret }: CreatedKey): CreatedApiKey {
  const { id, keyId, name, description, permissions, scope, status, keyHint, rateLimit, createdBy } = key;
  return {
    id,
    keyId,
    name,
    description,
    permissions: [...permissions],
    scope,
    status,
    keyHint,
    rateLimit,
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: null,
    lastUsedIp: null,
    usageCount: 0,
    isSystem: key.isSystem,
    gracePeriodExpiresAt: null,
    revokedAt: null,
    revokedReason: null,
    createdAt: key.createdAt.toISOString(),
    createdBy,
    keySecret,
    otelKeyId: underscored(keyId),
    otelKeySecret: underscored(keySecret),
  };
}

export function rotatedView({ old, ...created }: RotatedKey): RotatedApiKey {
  const worksUntil = old.gracePeriodExpiresAt ?? created.key.createdAt;
  return {
    ...createdView(created),
    oldId: old.id,
    oldKeyId: old.keyId,
    oldKeyWorksUntil: worksUntil.toISOString(),
  };
}
