import { z } from 'zod';
import { asJson, canonicalJson, isRecord, type JsonRecord } from '../domain/canonical-json.js';
import { AuditCategory, AuditEntry, AuditResult } from '@telemetryflow/contracts';
import type { ChainedEntry } from '../domain/entry.js';

/** A row of `audit_logs` in ClickHouse's JSON; 64-bit integers are text, times are milliseconds. */
export const EntryRow = z.object({
  organization_id: z.string(),
  sequence: z.coerce.number(),
  event_id: z.string(),
  at: z.coerce.number(),
  action: z.string(),
  category: z.string(),
  result: z.string(),
  actor_type: z.string(),
  actor_id: z.string(),
  actor_name: z.string(),
  ip: z.string(),
  user_agent: z.string(),
  actor_salt: z.string(),
  actor_digest: z.string(),
  resource_type: z.string(),
  resource_id: z.string(),
  resource_name: z.string(),
  before: z.string(),
  after: z.string(),
  details: z.string(),
  subject_salt: z.string(),
  subject_digest: z.string(),
  workspace_id: z.string(),
  tenant_id: z.string(),
  request_id: z.string(),
  session_id: z.string(),
  previous_hash: z.string(),
  hash: z.string(),
  version: z.number(),
});
export type EntryRow = z.infer<typeof EntryRow>;

/** Columns of a query that `entryOf` reads. */
export const ENTRY_COLUMNS = Object.keys(EntryRow.shape)
  .map((column) =>
    column === 'at' ? 'toUnixTimestamp64Milli(audit_logs.at) AS at' : `audit_logs.${column} AS ${column}`,
  )
  .join(', ');

export function rowOf(entry: ChainedEntry): EntryRow {
  const { actor, subject, actorSeal, subjectSeal } = entry;
  return {
    organization_id: entry.organizationId,
    sequence: entry.sequence,
    event_id: entry.eventId,
    at: entry.at.getTime(),
    action: entry.action,
    category: entry.category,
    result: entry.result,
    actor_type: entry.actorType,
    actor_id: entry.actorId,
    actor_name: actor.name,
    ip: actor.ip,
    user_agent: actor.userAgent,
    actor_salt: actorSeal.salt,
    actor_digest: actorSeal.digest,
    resource_type: entry.resourceType,
    resource_id: entry.resourceId,
    resource_name: subject.name,
    before: subject.before ? canonicalJson(subject.before) : '',
    after: subject.after ? canonicalJson(subject.after) : '',
    details: canonicalJson(subject.details),
    subject_salt: subjectSeal.salt,
    subject_digest: subjectSeal.digest,
    workspace_id: entry.workspaceId,
    tenant_id: entry.tenantId,
    request_id: entry.requestId,
    session_id: entry.sessionId,
    previous_hash: entry.previousHash,
    hash: entry.hash,
    version: entry.version,
  };
}

/** The entry that a row holds, however it got there: what somebody wrote into it by hand becomes an unauthentic entry. */
export function entryOf(row: EntryRow): ChainedEntry {
  return {
    organizationId: row.organization_id,
    sequence: row.sequence,
    eventId: row.event_id,
    at: new Date(row.at),
    action: row.action,
    category: AuditCategory.catch('system').parse(row.category),
    result: AuditResult.catch('failure').parse(row.result),
    actorType: AuditEntry.shape.actor.shape.type.catch('anonymous').parse(row.actor_type),
    actorId: row.actor_id,
    actor: { name: row.actor_name, ip: row.ip, userAgent: row.user_agent },
    actorSeal: { salt: row.actor_salt, digest: row.actor_digest },
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    subject: {
      name: row.resource_name,
      before: recordOf(row.before),
      after: recordOf(row.after),
      details: recordOf(row.details) ?? {},
    },
    subjectSeal: { salt: row.subject_salt, digest: row.subject_digest },
    workspaceId: row.workspace_id,
    tenantId: row.tenant_id,
    requestId: row.request_id,
    sessionId: row.session_id,
    previousHash: row.previous_hash,
    hash: row.hash,
    version: row.version,
  };
}

/** Null for none. What is no JSON was not written by us; it is shown as it is. */
export function recordOf(text: string): JsonRecord | null {
  if (text === '') return null;
  try {
    const value = asJson(JSON.parse(text));
    return isRecord(value) ? value : { unreadable: value };
  } catch {
    return { unreadable: text };
  }
}
