import type { EntityManager } from 'typeorm';
import type { Role } from '../../domain/role.js';

export abstract class Roles {
  /** @throws ConflictError when the code or the name is taken in the organization, or is a system role's */
  abstract add(manager: EntityManager, role: Role): Promise<void>;
  /** Name, description and level. Throws as {@link add}. */
  abstract save(manager: EntityManager, role: Role): Promise<void>;
  abstract savePermissions(manager: EntityManager, role: Role): Promise<void>;
  /**
   * A system role or one of the organization; null when it is neither. Nobody changes it while the transaction lasts.
   *
   * @param organizationId null: any
   */
  abstract forShare(manager: EntityManager, id: string, organizationId: string | null): Promise<Role | null>;
  /** As {@link forShare}, and nobody gives it to anyone meanwhile. */
  abstract forUpdate(manager: EntityManager, id: string, organizationId: string | null): Promise<Role | null>;
  /** False when somebody holds it still. */
  abstract remove(manager: EntityManager, id: string): Promise<boolean>;
  abstract systemRoleId(manager: EntityManager, code: string): Promise<string>;
  /** Whether the user holds it anywhere, directly or through a group. */
  abstract isHeldBy(manager: EntityManager, roleId: string, userId: string): Promise<boolean>;
}
