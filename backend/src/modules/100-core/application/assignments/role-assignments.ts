import type { EntityManager } from 'typeorm';
import type { Area } from '../../domain/access.js';

/** Who holds a role: a user, or a group and through it all its members. */
export interface Holder {
  readonly type: 'user' | 'group';
  readonly id: string;
  /** The e-mail address or the group's name, for the audit trail. */
  readonly name: string;
  readonly organizationId: string;
}

export interface NewAssignment {
  readonly roleId: string;
  readonly area: Area;
  readonly assignedBy: string;
  readonly expiresAt: Date | null;
}

export interface HeldRole {
  readonly id: string;
  readonly roleId: string;
  readonly code: string;
  readonly level: number;
  readonly permissions: readonly string[];
  /** Null when the place is gone. */
  readonly area: Area | null;
}

export abstract class RoleAssignments {
  /**
   * One that has expired is taken up again.
   *
   * @returns its id; null when the holder has the role there already
   */
  abstract add(manager: EntityManager, holder: Holder, assignment: NewAssignment): Promise<string | null>;
  /** Held directly, expired ones included, those of the strongest tier first. */
  abstract of(manager: EntityManager, holder: Pick<Holder, 'type' | 'id'>): Promise<readonly HeldRole[]>;
  abstract remove(manager: EntityManager, holder: Pick<Holder, 'type' | 'id'>, assignmentId: string): Promise<void>;
}
