import type { EntityManager } from 'typeorm';

export interface PasswordReplacement {
  /** Argon2id in PHC form. */
  readonly hash: string;
  /** The hash that it replaces: when another one is stored by then, nothing happens. Absent: whichever it is. */
  readonly expected?: string;
  /** Whether the owner has to choose another one at their next login; default: no. */
  readonly mustChange?: boolean;
}

/** The password of a user and those before it, as hashes. */
export abstract class PasswordHistory {
  /** The current hash and the ones before it that may not be chosen again, newest first. */
  abstract recent(manager: EntityManager, userId: string): Promise<readonly string[]>;
  /** Sets the password, and remembers the former one. False when there is no such user, or not with `expected`. */
  abstract replace(manager: EntityManager, userId: string, replacement: PasswordReplacement): Promise<boolean>;
}
