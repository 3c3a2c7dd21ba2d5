import type { EntityManager } from 'typeorm';

/** Some users of an organization, and what they hold together. */
export interface Group {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly description: string;
}

export abstract class Groups {
  /** @throws ConflictError when the name is taken in the organization */
  abstract add(manager: EntityManager, group: Group): Promise<void>;
  /** Throws as {@link add}. */
  abstract save(manager: EntityManager, group: Group): Promise<void>;
  /**
   * Locked until the transaction ends; null when unknown or another organization's.
   *
   * @param organizationId null: any
   */
  abstract forUpdate(manager: EntityManager, id: string, organizationId: string | null): Promise<Group | null>;
  /** With its members and roles. */
  abstract remove(manager: EntityManager, id: string): Promise<void>;
  abstract memberIds(manager: EntityManager, id: string): Promise<readonly string[]>;
  /** False when they are a member already. */
  abstract addMember(manager: EntityManager, group: Group, userId: string, addedBy: string): Promise<boolean>;
  /** False when they were none. */
  abstract removeMember(manager: EntityManager, id: string, userId: string): Promise<boolean>;
}
