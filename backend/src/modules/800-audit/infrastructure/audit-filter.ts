import { NOBODY } from '../domain/entry.js';
import type { AuditFilters } from '../application/queries/audit-reader.js';

/** A WHERE clause with its typed parameters. */
export interface Condition {
  readonly sql: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Times that DateTime64 can say. */
const EARLIEST_MS = 0;
const LATEST_MS = Date.UTC(2290, 0, 1);

const TERMS: Readonly<Record<keyof AuditFilters, string>> = {
  action: 'action = {action:String}',
  category: 'category = {category:String}',
  result: 'result = {result:String}',
  actorId: 'actor_id = {actorId:String}',
  actor: 'positionCaseInsensitiveUTF8(actor_name, {actor:String}) > 0',
  resourceType: 'resource_type = {resourceType:String}',
  resourceId: 'resource_id = {resourceId:String}',
  ip: 'ip = {ip:String}',
  requestId: 'request_id = {requestId:String}',
  search: `(positionCaseInsensitiveUTF8(action, {search:String}) > 0
    OR positionCaseInsensitiveUTF8(actor_name, {search:String}) > 0
    OR positionCaseInsensitiveUTF8(resource_name, {search:String}) > 0
    OR positionCaseInsensitiveUTF8(resource_type, {search:String}) > 0 OR resource_id = {search:String})`,
  from: 'audit_logs.at >= fromUnixTimestamp64Milli({from:Int64})',
  to: 'audit_logs.at <= fromUnixTimestamp64Milli({to:Int64})',
};

/** The filters, joined by AND. */
export function conditionOf(filters: AuditFilters): Condition {
  const terms: string[] = [];
  const params: Record<string, unknown> = {};
  for (const [name, term] of Object.entries(TERMS)) {
    const value = filters[name as keyof AuditFilters];
    if (value === undefined || value === '') continue;
    terms.push(term);
    params[name] = name === 'from' || name === 'to' ? milliseconds(value) : value;
  }
  return { sql: terms.length === 0 ? 'true' : terms.join(' AND '), params };
}

export function inOrganization(organizationId: string | null): Condition {
  return organizationId === null
    ? { sql: 'true', params: {} }
    : { sql: 'organization_id = {organizationId:UUID}', params: { organizationId } };
}

/** What the person did, and what was done to them. */
export function aboutUser(userId: string): Condition {
  return {
    sql: `(actor_id = {userId:String} OR (resource_type = 'user' AND resource_id = {userId:String}))`,
    params: { userId },
  };
}

export function allOf(...conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => sql).join(' AND '),
    params: Object.assign({}, ...conditions.map(({ params }) => params)) as Record<string, unknown>,
  };
}

export function noneOf(id: string): string | null {
  return id === NOBODY || id === '' ? null : id;
}

function milliseconds(instant: string): number {
  return Math.min(Math.max(Date.parse(instant), EARLIEST_MS), LATEST_MS);
}
