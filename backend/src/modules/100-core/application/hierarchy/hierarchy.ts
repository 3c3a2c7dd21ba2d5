import type { EntityManager } from 'typeorm';
import type { HierarchyNode, Level } from '../../domain/hierarchy-node.js';

/**
 * The regions, organizations, workspaces and tenants, living and deleted, inside a transaction that decides what is seen.
 * Whoever locks several locks from the top downwards.
 */
export abstract class Hierarchy {
  /** Null when there is none, or none that the transaction's scope sees. */
  abstract find(manager: EntityManager, level: Level, id: string): Promise<HierarchyNode | null>;
  /** As {@link find}, locked until the transaction ends. */
  abstract forUpdate(manager: EntityManager, level: Level, id: string): Promise<HierarchyNode | null>;
  /** False when the code is taken among its siblings, the deleted included. */
  abstract add(manager: EntityManager, node: HierarchyNode): Promise<boolean>;
  abstract save(manager: EntityManager, node: HierarchyNode): Promise<void>;
  /** Children that are neither deactivated nor deleted. */
  abstract activeChildren(manager: EntityManager, node: HierarchyNode): Promise<number>;
  /** Children that are not deleted. */
  abstract children(manager: EntityManager, node: HierarchyNode): Promise<number>;
  /**
   * Whether the platform could go on if the node were closed: its own workspace is not in it, and an active super
   * administrator is at home in an open place elsewhere. Looks over the whole platform in any scope.
   */
  abstract mayClose(manager: EntityManager, node: HierarchyNode): Promise<boolean>;
  /** Ends the sessions of everyone at home in it. */
  abstract endSessionsIn(manager: EntityManager, node: HierarchyNode): Promise<void>;
  /** Whether the user created the organization and still belongs to it. */
  abstract isCreator(manager: EntityManager, organizationId: string, userId: string): Promise<boolean>;
}
