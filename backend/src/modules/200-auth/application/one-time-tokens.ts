import type { EntityManager } from 'typeorm';

/** What a token is good for; a token of one purpose is none of another. */
export type TokenPurpose =
  'email_verification' | 'recovery_email' | 'invitation' | 'password_reset' | 'password_choice' | 'mfa_challenge';

export interface NewToken {
  readonly purpose: TokenPurpose;
  /** Whom it speaks for; null: somebody without an account. */
  readonly userId: string | null;
  readonly organizationId: string | null;
  /** The address it is meant for, in lower case. */
  readonly email?: string | null;
  readonly lifeMs: number;
  /** Default: 1. */
  readonly maxUses?: number;
  readonly createdBy?: string | null;
  /** The user's older tokens of this purpose stay good: two logins may wait for their codes at the same time. */
  readonly keepOlder?: boolean;
  /** What using it needs to know; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface IssuedToken {
  readonly id: string;
  /** Shown or sent once: only its SHA-256 is stored. */
  readonly token: string;
  readonly expiresAt: Date;
}

/** A stored token, without the token. */
export interface OneTimeToken {
  readonly id: string;
  readonly userId: string | null;
  readonly organizationId: string | null;
  readonly email: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly expiresAt: Date;
}

/**
 * Secrets that are good once. Every method takes part in the caller's transaction, which must be in
 * `systemScope('authentication')` (invitations: an organization's own place will do): a token is used up if, and only if,
 * what it was used for is committed.
 */
export abstract class OneTimeTokens {
  /** Makes a token and, unless told otherwise, voids the user's older ones of the same purpose. */
  abstract issue(manager: EntityManager, token: NewToken): Promise<IssuedToken>;
  /** The usable token, left usable; null when unknown, used up, expired or of another purpose. */
  abstract peek(manager: EntityManager, purpose: TokenPurpose, token: string): Promise<OneTimeToken | null>;
  /** Uses it up by one. Null as for {@link peek}: of requests that race with its last use one gets it. */
  abstract use(manager: EntityManager, purpose: TokenPurpose, token: string): Promise<OneTimeToken | null>;
  /** Replaces the token by a new one that is good for the same; null when there is none that is usable. */
  abstract renew(
    manager: EntityManager,
    purpose: TokenPurpose,
    id: string,
  ): Promise<(IssuedToken & { readonly email: string | null }) | null>;
  /** The user's tokens of these purposes are good for nothing any more. */
  abstract voidAll(manager: EntityManager, userId: string, purposes: readonly TokenPurpose[]): Promise<void>;
}
