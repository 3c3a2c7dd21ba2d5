import type { EntityManager } from 'typeorm';
import type { MfaFactor } from '../domain/mfa-factor.js';

/** A factor with the secrets that its codes are checked against. */
export interface StoredFactor {
  readonly factor: MfaFactor;
  /** The 20 bytes that the authenticator app shares. */
  readonly secret: Buffer;
  readonly recoverySalt: Buffer;
}

export interface MfaSummary {
  readonly enabledAt: Date | null;
  readonly recoveryCodesRemaining: number;
}

/** All methods take part in the caller's transaction, in the authentication scope. */
export abstract class MfaFactors {
  abstract find(manager: EntityManager, userId: string): Promise<StoredFactor | null>;
  /** Locked until the transaction ends. */
  abstract forUpdate(manager: EntityManager, userId: string): Promise<StoredFactor | null>;
  /** In place of an enrolment that was not confirmed; false when one is enabled. */
  abstract enrol(manager: EntityManager, factor: MfaFactor, secret: Buffer, salt: Buffer): Promise<boolean>;
  abstract save(manager: EntityManager, factor: MfaFactor): Promise<void>;
  /** The secret and the recovery codes are gone. */
  abstract remove(manager: EntityManager, userId: string): Promise<void>;
  /** In place of all earlier ones. */
  abstract replaceRecoveryCodes(manager: EntityManager, userId: string, hashes: readonly string[]): Promise<void>;
  /** False when it is none of the user's, or was used before. */
  abstract useRecoveryCode(manager: EntityManager, userId: string, hash: string): Promise<boolean>;
  abstract summary(manager: EntityManager, userId: string): Promise<MfaSummary>;
}
