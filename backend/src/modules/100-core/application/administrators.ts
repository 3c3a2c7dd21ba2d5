import type { EntityManager } from 'typeorm';

/** Sees to it that every organization that has administrators keeps one, and the platform its super administrator. */
export abstract class Administrators {
  /**
   * Runs `change` in the caller's transaction, one such change at a time over all nodes.
   *
   * @throws ConflictError when it left the organization without an active administrator, or without one whose role does
   * not expire, where there was one; likewise the platform
   */
  abstract protect<T>(manager: EntityManager, organizationId: string, change: () => Promise<T>): Promise<T>;
}
