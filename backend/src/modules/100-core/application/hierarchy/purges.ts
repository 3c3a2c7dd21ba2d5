import type { EntityManager } from 'typeorm';
import type { Level } from '../../domain/hierarchy-node.js';

/** Something deleted whose time is over. */
export interface PurgeCandidate {
  readonly level: Level;
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly organizationId: string | null;
}

/** A tenant that goes with it, or is it. */
export interface PurgedTenant {
  readonly tenantId: string;
  readonly workspaceId: string;
  readonly organizationId: string;
  readonly name: string;
}

/** Takes deleted places out of the database for good. Everything happens in `systemScope('platform')`. */
export abstract class Purges {
  /** Deleted at `before` or earlier, the narrowest level first. */
  abstract due(manager: EntityManager, before: Date): Promise<readonly PurgeCandidate[]>;
  /**
   * Removes it with all that hangs on it: what is in it, keys, assignments and grants at it, usage. Users at home in it
   * move to another tenant of their organization, unless that goes too.
   *
   * @returns the tenants that went; null when it is not due any more, or cannot go yet: users have no other home, or a
   * region still has organizations
   */
  abstract purge(
    manager: EntityManager,
    candidate: PurgeCandidate,
    before: Date,
  ): Promise<readonly PurgedTenant[] | null>;
}
