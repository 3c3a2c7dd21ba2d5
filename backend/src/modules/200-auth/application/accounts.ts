import type { EntityManager } from 'typeorm';
import type { LoginAttempts } from '../domain/lockout.js';

/** A user as signing in needs it. */
export interface Account {
  readonly userId: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly avatar: string | null;
  readonly timezone: string;
  readonly locale: string;
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
  readonly passwordHash: string | null;
  /** Neither the user nor anything of their home place is deactivated. */
  readonly isActive: boolean;
  readonly attempts: LoginAttempts;
  readonly lastLoginAt: Date | null;
  readonly mustChangePassword: boolean;
  readonly emailVerifiedAt: Date | null;
  readonly hasMfa: boolean;
}

export abstract class Accounts {
  /** By the lower-case address; null when unknown or deleted. */
  abstract byEmail(email: string): Promise<Account | null>;
  abstract byId(userId: string): Promise<Account | null>;
  /** Locked until the transaction ends; null when there is no such user. */
  abstract attemptsForUpdate(manager: EntityManager, userId: string): Promise<LoginAttempts | null>;
  abstract recordFailure(manager: EntityManager, userId: string, attempts: LoginAttempts, now: Date): Promise<void>;
  /** The password was right: what failed before is forgotten. */
  abstract forgetFailures(manager: EntityManager, userId: string): Promise<void>;
  /** False when the user is gone, or has another address by now. */
  abstract markVerified(manager: EntityManager, userId: string, email: string): Promise<boolean>;
  /** Clears the failures and notes the login. */
  abstract recordLogin(manager: EntityManager, userId: string, ip: string, now: Date): Promise<void>;
}
