import { z } from 'zod';
import { Description, Instant, Line, PageQuery, Uuid, pageOf } from './common.js';
import { API_KEY_PERMISSIONS } from './permissions.js';

export const ApiKeyScope = z.discriminatedUnion('type', [
  z.object({ type: z.literal('tenant'), tenantId: Uuid }),
  z.object({ type: z.literal('workspace'), workspaceId: Uuid }),
]);
export type ApiKeyScope = z.infer<typeof ApiKeyScope>;

export const ApiKeyStatus = z.enum(['active', 'rotated', 'suspended', 'revoked', 'expired']);
export type ApiKeyStatus = z.infer<typeof ApiKeyStatus>;

export const CreateApiKeyRequest = z.object({
  name: Line.min(1, { error: 'is required' }).max(255, { error: 'must be at most 255 characters' }),
  description: Description.optional(),
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
  lastUsedIp: z.string().nullable(),
  /** Requests it authenticated, up to a few seconds ago. */
  usageCount: z.int(),
  isSystem: z.boolean(),
  /** Of a rotated key: until when it still works. */
  gracePeriodExpiresAt: Instant.nullable(),
  revokedAt: Instant.nullable(),
  revokedReason: z.string().nullable(),
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

export const ApiKeyPage = pageOf(ApiKey).extend({
  /** Of all keys the caller may see, whatever the filter. */
  counts: z.object({ total: z.int(), active: z.int(), expired: z.int(), revoked: z.int() }),
});
export type ApiKeyPage = z.infer<typeof ApiKeyPage>;

export const ApiKeyQuery = PageQuery.extend({ status: ApiKeyStatus.optional(), search: Line.max(255).optional() });
export type ApiKeyQuery = z.infer<typeof ApiKeyQuery>;

export const UpdateApiKeyRequest = CreateApiKeyRequest.omit({ scope: true, expiresAt: true, rateLimit: true })
  .partial()
  .extend({ expiresAt: Instant.optional(), rateLimit: CreateApiKeyRequest.shape.rateLimit.nullable() });
export type UpdateApiKeyRequest = z.infer<typeof UpdateApiKeyRequest>;

export const RotateApiKeyRequest = z.object({
  /** How long the old pair still works; 0: not at all. */
  gracePeriodMinutes: z.int().min(0).max(43_200, { error: 'must be at most 43200 (30 days)' }).default(30),
});
export type RotateApiKeyRequest = z.infer<typeof RotateApiKeyRequest>;
/** The new key, with its secret, and until when the old one works. */
export const RotatedApiKey = CreatedApiKey.extend({
  oldId: Uuid,
  oldKeyId: z.string(),
  oldKeyWorksUntil: Instant,
});
export type RotatedApiKey = z.infer<typeof RotatedApiKey>;

export const RevokeApiKeyRequest = z.object({ reason: Line.max(500).optional() });
export type RevokeApiKeyRequest = z.infer<typeof RevokeApiKeyRequest>;

export const ApiKeyUsageQuery = z.object({
  from: Instant.optional(),
  to: Instant.optional(),
  bucket: z.enum(['hour', 'day', 'month']).default('day'),
});
export type ApiKeyUsageQuery = z.infer<typeof ApiKeyUsageQuery>;
/** Answered requests; errors are HTTP statuses from 400 and gRPC codes other than OK. */
const Counts = z.object({ requests: z.int(), errors: z.int() });
export const ApiKeyUsage = z.object({
  /** The share without error, 0 to 1; 1 without requests. */
  totals: Counts.extend({ successRate: z.number() }),
  /** Every bucket (UTC), also those in which nothing happened. */
  series: z.array(Counts.extend({ at: Instant })),
  /** Route patterns, `POST /v1/traces` and `gRPC TraceService/Export`; the most used first. */
  byEndpoint: z.array(Counts.extend({ endpoint: z.string() })),
  byStatus: z.array(z.object({ status: z.string(), requests: z.int() })),
});
export type ApiKeyUsage = z.infer<typeof ApiKeyUsage>;

export const ApiKeyValidation = z.object({
  valid: z.boolean(),
  keyId: z.string(),
  organizationId: Uuid,
  workspaceId: Uuid,
  tenantId: Uuid.nullable(),
  permissions: z.array(z.string()),
  expiresAt: Instant.nullable(),
});
export type ApiKeyValidation = z.infer<typeof ApiKeyValidation>;
