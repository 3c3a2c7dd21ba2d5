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
    JSON.stringify({ aggregateId: event.aggregateId, ...event.payload }, storable),
    event.organizationId,
  ]);
}

/** jsonb takes neither NUL nor half a surrogate pair, and what somebody typed must not keep their act from being told. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\u0000', '\ufffd') : value;
}

/** Who acted, where the request came from, and in which place: what every event of a request shares. */
export type ActOrigin = Pick<RequestContext, 'requestId' | 'ip' | 'userAgent'> &
  Partial<Pick<RequestContext, 'actor' | 'organizationId' | 'workspaceId' | 'tenantId'>>;

/** What somebody did, or tried to: an event that the audit trail keeps. Nothing in it may be a secret. */
export interface Act {
  /** `area.event`, in the past tense and with underscores: `user.created`, `api_key.rotated`. */
  readonly action: string;
  readonly resource: { readonly type: string; readonly id: string | null; readonly name?: string };
  /** Default: success. */
  readonly result?: 'success' | 'failure' | 'denied';
  /** Changed fields as they were and as they are, where that matters. */
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  /** What else consumers of the event need. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Whose trail it belongs to; default: the origin's organization. Null: nobody's, such as a login of an unknown address. */
  readonly organizationId?: string | null;
}

/**
 * Records an act in the transaction that does it. It reaches the audit trail, and everyone else who consumes its action,
 * if, and only if, the transaction commits.
 */
export async function recordAct(manager: EntityManager, by: ActOrigin, act: Act): Promise<void> {
  const { actor, requestId, ip, userAgent, workspaceId, tenantId } = by;
  const organizationId = act.organizationId === undefined ? (by.organizationId ?? null) : act.organizationId;
  await appendToOutbox(manager, {
    type: act.action,
    aggregateId: act.resource.id,
    organizationId,
    payload: {
      ...act.details,
      actor: actor ?? null,
      requestId,
      ip,
      userAgent,
      organizationId,
      workspaceId: workspaceId ?? null,
      tenantId: tenantId ?? null,
      resource: { name: '', ...act.resource },
      result: act.result ?? 'success',
      ...(act.before && { before: act.before }),
      ...(act.after && { after: act.after }),
    },
  });
}
