import { Injectable } from '@nestjs/common';
import type { FieldError } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, recordAct, systemScope, type ActOrigin } from '../../../shared/platform/database/index.js';
import { SecretHasher } from '../../../shared/platform/secret-hasher.js';
import { generateRecoveryCodes, normalizedRecoveryCode } from '../domain/recovery-codes.js';
import { MfaFactors, type StoredFactor } from './mfa-factors.js';
import { totpStepOf } from './totp.js';

/** What proved that it is the same person. */
export type Proof = 'totp' | 'recovery_code';

/** A code as it was sent, made ready for the transaction that uses it. */
export interface PreparedCode {
  readonly text: string;
  /** Its hash, if it has the form of a recovery code. */
  readonly recoveryHash: string | null;
}

/** What forms show beside their field. */
export function wrongCode(): FieldError {
  return { path: 'code', code: 'wrong_code', message: 'is wrong, or was used before; take the next one' };
}

/** Checks codes of authenticator apps and recovery codes, and counts the wrong ones. */
@Injectable()
export class SecondFactor {
  constructor(
    private readonly database: Database,
    private readonly factors: MfaFactors,
    private readonly hasher: SecretHasher,
  ) {}

  /**
   * Hashes what may be a recovery code: before the transaction, because that takes a tenth of a second.
   *
   * @throws DomainError AUTH_MFA_LOCKED
   */
  async prepare(userId: string, code: string): Promise<PreparedCode> {
    const text = code.trim();
    const recoveryCode = normalizedRecoveryCode(text);
    if (recoveryCode === null) return { text, recoveryHash: null };
    const stored = await this.database.transaction(systemScope('authentication'), (manager) =>
      this.factors.find(manager, userId),
    );
    if (!stored) return { text, recoveryHash: null };
    stored.factor.assertNotLocked(new Date());
    return { text, recoveryHash: await this.hasher.hashWithSalt(recoveryCode, stored.recoverySalt) };
  }

  /**
   * Uses the code up, if it is one, and counts it, if it is none. The caller commits either way; otherwise nothing is
   * counted.
   *
   * @param stored locked for this transaction
   * @returns null when it was no usable code
   * @throws DomainError AUTH_MFA_LOCKED
   */
  async use(
    manager: EntityManager,
    origin: ActOrigin,
    { factor, secret }: StoredFactor,
    code: PreparedCode,
  ): Promise<Proof | null> {
    const now = new Date();
    factor.assertNotLocked(now);
    const proof = await this.#proofOf(manager, { factor, secret }, code, now);
    if (proof === null) await this.#refuse(manager, origin, factor, now);
    else factor.forgetFailures();
    await this.factors.save(manager, factor);
    return proof;
  }

  /** Whether it is a code of the authenticator app, used or not; it stays usable. */
  isCodeOf({ secret }: StoredFactor, code: string): boolean {
    return totpStepOf(secret, code.trim(), new Date()) !== null;
  }

  /** Ten new codes and their hashes, which take a second: before the transaction that stores them. */
  async newRecoveryCodes(salt: Buffer): Promise<{ codes: string[]; hashes: string[] }> {
    const codes = generateRecoveryCodes();
    const normalized = codes.map((code) => normalizedRecoveryCode(code) ?? '');
    const hashes = await Promise.all(normalized.map((code) => this.hasher.hashWithSalt(code, salt)));
    return { codes, hashes };
  }

  async #proofOf(
    manager: EntityManager,
    { factor, secret }: Pick<StoredFactor, 'factor' | 'secret'>,
    { text, recoveryHash }: PreparedCode,
    now: Date,
  ): Promise<Proof | null> {
    const step = totpStepOf(secret, text, now);
    if (step !== null) return factor.use(step) ? 'totp' : null;
    if (recoveryHash === null) return null;
    return (await this.factors.useRecoveryCode(manager, factor.userId, recoveryHash)) ? 'recovery_code' : null;
  }

  async #refuse(manager: EntityManager, origin: ActOrigin, factor: StoredFactor['factor'], now: Date): Promise<void> {
    const locks = factor.fail(now);
    const { userId, organizationId, lockedUntil } = factor;
    await recordAct(manager, origin, {
      action: locks ? 'auth.mfa_locked' : 'auth.mfa_failed',
      resource: { type: 'user', id: userId },
      result: 'failure',
      organizationId,
      details: { userId, lockedUntil: locks ? lockedUntil : null },
    });
  }
}
