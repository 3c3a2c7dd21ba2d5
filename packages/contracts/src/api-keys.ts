import { z } from 'zod';
import { Instant, Line, Prose, Uuid, pageOf } from './common.js';
import { API_KEY_PERMISSIONS } from './permissions.js';

export const ApiKeyScope = z.discriminatedUnion('type', [
  z.object({ type: z.literal('tenant'), tenantId: Uuid }),
  z.object({ type: z.literal('workspace'), workspaceId: Uuid }),
]);
export type ApiKeyScope = z.infer<typeof ApiKeyScope>;

export const ApiKeyStatus = z.enum(['active', 'rotated', 'revoked', 'expired']);
export type ApiKeyStatus = z.infer<typeof ApiKeyStatus>;

export const CreateApiKeyRequest = z.object({
  name: Line.min(1, { error: 'is required' }).max(255, { error: 'must be at most 255 characters' }),
  description: Prose.max(1000).optional(),
  permissions: z.array(z.enum(API_KEY_PERMISSIONS)).min(1, { error: 'name at least one permission' }),
  scope: ApiKeyScope,
  /** Default: in 365 days. At most 730 days ahead. */
  expiresAt: Instant.optional(),
  /** OTLP requests per minute. Default: the platform's limit (THROTTLE_INGESTION_LIMIT). */
  rateLimit: z
    .int()
    .min(1, { error: 'must be at least 1' })
    .max(10_000_000, { error: 'must be at most 10000000' })
    .optional(),
});
export type CreateApiKeyRequest = z.infer<typeof CreateApiKeyRequest>;

export const ApiKey = z.object({
  id: Uuid,
  keyId: z.string(),
  name: z.string(),
  description: z.string(),
  permissions: z.array(z.string()),
  scope: ApiKeyScope,
  status: ApiKeyStatus,
  keyHint: z.string(),
  /** OTLP requests per minute; null: the platform's limit. */
  rateLimit: z.int().nullable(),
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
  createdAt: Instant,
  createdBy: Uuid.nullable(),
});
export type ApiKey = z.infer<typeof ApiKey>;

/** The only answer that ever carries the secret. The `otel` spellings are for clients that demand underscores. */
export const CreatedApiKey = ApiKey.extend({
  keySecret: z.string(),
  otelKeyId: z.string(),
  otelKeySecret: z.string(),
});
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;

export const ApiKeyPage = pageOf(ApiKey);
export type ApiKeyPage = z.infer<typeof ApiKeyPage>;

export const ApiKeyValidation = z.object({
  valid: z.boolean(),
  keyId: z.string(),
  permissions: z.array(z.string()),
  expiresAt: Instant.nullable(),
});
export type ApiKeyValidation = z.infer<typeof ApiKeyValidation>;
