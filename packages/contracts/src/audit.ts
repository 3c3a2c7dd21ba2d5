import { z } from 'zod';
import { Instant, Line, PageQuery, Uuid, pageOf } from './common.js';

export const AuditResult = z.enum(['success', 'failure', 'denied']);
export type AuditResult = z.infer<typeof AuditResult>;
/** What kind of act: signing in, permissions, data, the platform itself. */
export const AuditCategory = z.enum(['auth', 'authz', 'data', 'system']);
export type AuditCategory = z.infer<typeof AuditCategory>;

/** One act. Entries of an organization form a chain: `hash` covers the entry and the hash before it. */
export const AuditEntry = z.object({
  id: Uuid,
  /** Without gaps within the organization. */
  sequence: z.int(),
  at: Instant,
  /** `area.event`, e.g. `user.created`. */
  action: z.string(),
  category: AuditCategory,
  result: AuditResult,
  actor: z.object({
    type: z.enum(['user', 'api-key', 'system', 'anonymous']),
    id: z.string().nullable(),
    /** E-mail address or key id; a pseudonym after an erasure. */
    name: z.string(),
  }),
  resource: z.object({ type: z.string(), id: z.string().nullable(), name: z.string() }),
  organizationId: Uuid.nullable(),
  workspaceId: Uuid.nullable(),
  tenantId: Uuid.nullable(),
  ip: z.string(),
  userAgent: z.string(),
  requestId: z.string(),
  sessionId: z.string().nullable(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  details: z.record(z.string(), z.unknown()),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

const filters = {
  action: Line.max(100).optional(),
  category: AuditCategory.optional(),
  result: AuditResult.optional(),
  actorId: Line.max(100).optional(),
  /** Part of the actor's e-mail address or key id. */
  actor: Line.max(254).optional(),
  resourceType: Line.max(50).optional(),
  resourceId: Line.max(100).optional(),
  ip: Line.max(45).optional(),
  requestId: Line.max(100).optional(),
  /** Part of action, resource or actor. */
  search: Line.max(255).optional(),
  from: Instant.optional(),
  to: Instant.optional(),
  /** One of those whose trail the caller may read; the nil UUID: what belongs to none. Default: all of them. */
  organizationId: Uuid.optional(),
};
/** Filters are joined by AND; newest first. */
export const AuditQuery = PageQuery.extend(filters);
export type AuditQuery = z.infer<typeof AuditQuery>;
export const AuditPage = pageOf(AuditEntry);
export type AuditPage = z.infer<typeof AuditPage>;
export const AuditExportQuery = z.object({ ...filters, format: z.enum(['csv', 'json']).default('csv') });
export type AuditExportQuery = z.infer<typeof AuditExportQuery>;

export const AuditStatisticsQuery = z.object({
  /** Default: 30 days before `to`. */
  from: Instant.optional(),
  to: Instant.optional(),
  organizationId: Uuid.optional(),
});
export type AuditStatisticsQuery = z.infer<typeof AuditStatisticsQuery>;
const Counted = z.object({ name: z.string(), count: z.int() });
export const AuditStatistics = z.object({
  total: z.int(),
  byCategory: z.array(Counted),
  byResult: z.array(Counted),
  topActions: z.array(Counted),
  topActors: z.array(Counted),
  series: z.array(z.object({ at: Instant, success: z.int(), failure: z.int(), denied: z.int() })),
});
export type AuditStatistics = z.infer<typeof AuditStatistics>;

/** Each organization has a chain of its own; default: that of the caller's. */
export const AuditVerificationQuery = z.object({ organizationId: Uuid.optional() });
export type AuditVerificationQuery = z.infer<typeof AuditVerificationQuery>;
export const AuditVerification = z.object({
  intact: z.boolean(),
  checked: z.int(),
  firstSequence: z.int().nullable(),
  lastSequence: z.int().nullable(),
  /** The first entries that are missing or are not what they were; at most 100. */
  faults: z.array(z.object({ sequence: z.int(), fault: z.enum(['missing', 'altered', 'added', 'unlinked']) })),
});
export type AuditVerification = z.infer<typeof AuditVerification>;

export const AuditRetention = z.object({ retentionDays: z.int().min(30).max(3650) });
export type AuditRetention = z.infer<typeof AuditRetention>;

/** All that the platform keeps of one person. */
export const SubjectAccess = z.object({
  exportedAt: Instant,
  user: z.record(z.string(), z.unknown()),
  roles: z.array(z.record(z.string(), z.unknown())),
  sessions: z.array(z.record(z.string(), z.unknown())),
  devices: z.array(z.record(z.string(), z.unknown())),
  apiKeys: z.array(z.record(z.string(), z.unknown())),
  savedViews: z.array(z.record(z.string(), z.unknown())),
  auditEntries: z.array(AuditEntry),
});
export type SubjectAccess = z.infer<typeof SubjectAccess>;
export const ErasureRequest = z.object({ /** Typed again by whoever erases. */ confirmEmail: Line.max(254) });
export type ErasureRequest = z.infer<typeof ErasureRequest>;
export const ErasureResponse = z.object({ pseudonym: z.string() });
export type ErasureResponse = z.infer<typeof ErasureResponse>;
