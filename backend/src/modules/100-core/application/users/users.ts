import type { EntityManager } from 'typeorm';
import type { User } from '../../domain/user.js';

export abstract class Users {
  /** False when a living user has the address. `passwordHash` null: they have yet to choose one. */
  abstract add(manager: EntityManager, user: User, passwordHash: string | null): Promise<boolean>;
  /**
   * Locked until the transaction ends; null when unknown, deleted or of another organization.
   *
   * @param organizationId null: any
   */
  abstract forUpdate(manager: EntityManager, id: string, organizationId: string | null): Promise<User | null>;
  abstract save(manager: EntityManager, user: User): Promise<void>;
  /** Roles, grants and memberships go; a role that nobody else holds can be deleted then. */
  abstract dropAccess(manager: EntityManager, userId: string): Promise<void>;
  /**
   * Waits for others who take a place in the workspace.
   *
   * @returns how many users it may still take; null: no quota
   */
  abstract placesLeft(manager: EntityManager, workspaceId: string): Promise<number | null>;
}
