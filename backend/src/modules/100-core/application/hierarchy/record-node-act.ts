import type { EntityManager } from 'typeorm';
import { type Act, type ActOrigin, recordAct } from '../../../../shared/platform/database/index.js';
import type { HierarchyNode } from '../../domain/hierarchy-node.js';

/** Records what was done to a node in the trail of its organization; a region is in none, so there the actor's counts. */
export function recordNodeAct(
  manager: EntityManager,
  origin: ActOrigin,
  { level, id, name, organizationId }: HierarchyNode,
  act: Pick<Act, 'action' | 'before' | 'after'>,
): Promise<void> {
  const resource = { type: level, id, name };
  return recordAct(manager, origin, { ...act, resource, ...(organizationId !== null && { organizationId }) });
}
