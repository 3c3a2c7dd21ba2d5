import type { EntityManager } from 'typeorm';
import type { Access } from '../domain/access.js';

/** Who holds which role where. Answers may be up to a minute old, except after an eviction. */
export abstract class AccessDirectory {
  abstract accessOf(userId: string): Promise<Access>;
  /** As stored now, and as the transaction sees it: all of it in the user's own organization. */
  abstract read(manager: EntityManager, userId: string): Promise<Access>;
  /** After an assignment of the user has changed. */
  abstract evict(userId: string): void;
  /** After a role has changed. */
  abstract evictAll(): void;
}
