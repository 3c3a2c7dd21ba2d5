import type { EntityManager } from 'typeorm';
import { newId } from '../ids.js';
import type { RequestContext } from '../request-context.js';

/** A fact for the rest of the platform (audit, mails, caches). `type` is `area.event`, e.g. `auth.login`. */
export interface OutboxEvent {
  readonly type: string;
  /** The thing it happened to. */
  readonly aggregateId: string | null;
  readonly organizationId: string | null;
  /** Never a secret. */
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Writes the event in the caller's transaction: it is published if, and only if, that transaction commits. */
export async function appendToOutbox(manager: EntityManager, event: OutboxEvent): Promise<void> {
  await manager.query('INSERT INTO outbox (id, type, payload, organization_id) VALUES ($1, $2, $3, $4)', [
    newId(),
    event.type,
    JSON.stringify({ aggregateId: event.aggregateId, ...event.payload }),
    event.organizationId,
  ]);
}

/** Who did it, from where, in which place: the part that every event of a request shares. */
export function origin(context: RequestContext): Readonly<Record<string, unknown>> {
  const { actor, requestId, ip, userAgent, organizationId, workspaceId, tenantId } = context;
  return { actor, requestId, ip, userAgent, organizationId, workspaceId, tenantId };
}
