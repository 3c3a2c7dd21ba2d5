import type { EntityManager } from 'typeorm';
import type { Area } from '../../domain/access.js';

export interface NewGrant {
  readonly userId: string;
  readonly organizationId: string;
  readonly permission: string;
  readonly effect: 'allow' | 'deny';
  readonly area: Area;
  readonly grantedBy: string;
  readonly expiresAt: Date | null;
}

export interface StoredGrant {
  readonly id: string;
  readonly permission: string;
  readonly effect: 'allow' | 'deny';
  /** Null when the place is gone. */
  readonly area: Area | null;
  readonly expiresAt: Date | null;
}

export abstract class PermissionGrants {
  /** The user's grant of the permission at exactly that place, if there is one. */
  abstract at(manager: EntityManager, userId: string, permission: string, area: Area): Promise<StoredGrant | null>;
  /** Replaces the one at the same place. Answers its id. */
  abstract put(manager: EntityManager, grant: NewGrant): Promise<string>;
  abstract find(manager: EntityManager, userId: string, grantId: string): Promise<StoredGrant | null>;
  abstract remove(manager: EntityManager, userId: string, grantId: string): Promise<void>;
}
