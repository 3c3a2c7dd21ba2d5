import type { EntityManager } from 'typeorm';
import { appendToOutbox } from '../../../shared/platform/database/index.js';
import type { SessionEnd } from '../domain/session.js';

/** The event by which every node forgets ended sessions. */
export const SESSION_ENDED = 'session.ended';

/** Tells the other nodes, if the caller's transaction commits. */
export async function tellSessionsEnded(
  manager: EntityManager,
  organizationId: string | null,
  sessionIds: readonly string[],
  reason: SessionEnd,
): Promise<void> {
  if (sessionIds.length === 0) return;
  await appendToOutbox(manager, {
    type: SESSION_ENDED,
    aggregateId: null,
    organizationId,
    payload: { sessionIds, reason },
  });
}
