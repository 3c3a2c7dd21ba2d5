import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId, RUNTIME, type Runtime } from '../../../shared/platform/index.js';
import { SecretBox } from '../../../shared/platform/secret-box.js';
import { MfaFactors, type MfaSummary, type StoredFactor } from '../application/mfa-factors.js';
import { MfaFactor } from '../domain/mfa-factor.js';

interface FactorRow {
  readonly user_id: string;
  readonly organization_id: string;
  readonly sealed_secret: Buffer;
  readonly recovery_salt: Buffer;
  readonly enabled_at: Date | null;
  readonly pending_until: Date | null;
  /** bigint as text. */
  readonly last_used_step: string;
  readonly failed_attempts: number;
  readonly locked_until: Date | null;
}

@Injectable()
export class PostgresMfaFactors extends MfaFactors {
  readonly #box: SecretBox;

  constructor(@Inject(RUNTIME) { config, encryptionKey }: Runtime) {
    super();
    this.#box = new SecretBox(config.MFA_ENCRYPTION_KEY || encryptionKey, 'mfa');
  }

  find(manager: EntityManager, userId: string): Promise<StoredFactor | null> {
    return this.#one(manager, 'SELECT * FROM mfa_secrets WHERE user_id = $1', userId);
  }

  forUpdate(manager: EntityManager, userId: string): Promise<StoredFactor | null> {
    return this.#one(manager, 'SELECT * FROM mfa_secrets WHERE user_id = $1 FOR UPDATE', userId);
  }

  async enrol(manager: EntityManager, factor: MfaFactor, secret: Buffer, salt: Buffer): Promise<boolean> {
    const sealed = this.#box.seal(secret, factor.userId);
    // Failures stay: enrolling anew is no way around the lock.
    const rows = await manager.query<unknown[]>(
      `INSERT INTO mfa_secrets (user_id, organization_id, sealed_secret, recovery_salt, pending_until)
       VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, last_used_step = 0,
         recovery_salt = excluded.recovery_salt, pending_until = excluded.pending_until
       WHERE mfa_secrets.enabled_at IS NULL
       RETURNING user_id`,
      [factor.userId, factor.organizationId, sealed, salt, factor.pendingUntil],
    );
    return rows.length > 0;
  }

  async save(manager: EntityManager, factor: MfaFactor): Promise<void> {
    await manager.query(
      `UPDATE mfa_secrets SET enabled_at = $2, pending_until = $3, last_used_step = $4, failed_attempts = $5,
              locked_until = $6
       WHERE user_id = $1`,
      [factor.userId, factor.enabledAt, factor.pendingUntil, factor.lastUsedStep, factor.failures, factor.lockedUntil],
    );
  }

  async remove(manager: EntityManager, userId: string): Promise<void> {
    await manager.query('DELETE FROM mfa_secrets WHERE user_id = $1', [userId]);
  }

  async replaceRecoveryCodes(manager: EntityManager, userId: string, hashes: readonly string[]): Promise<void> {
    await manager.query('DELETE FROM mfa_recovery_codes WHERE user_id = $1', [userId]);
    await manager.query(
      `INSERT INTO mfa_recovery_codes (mfa_recovery_code_id, user_id, code_hash)
       SELECT id, $1, hash FROM unnest($2::uuid[], $3::text[]) AS code(id, hash)`,
      [userId, hashes.map(() => newId()), hashes],
    );
  }

  async useRecoveryCode(manager: EntityManager, userId: string, hash: string): Promise<boolean> {
    const [used] = await manager.query<[unknown[], number]>(
      `UPDATE mfa_recovery_codes SET used_at = now() WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL
       RETURNING mfa_recovery_code_id`,
      [userId, hash],
    );
    return used.length > 0;
  }

  async summary(manager: EntityManager, userId: string): Promise<MfaSummary> {
    const [row] = await manager.query<{ enabled_at: Date; remaining: number }[]>(
      `SELECT m.enabled_at,
              (SELECT count(*)::int FROM mfa_recovery_codes c WHERE c.user_id = m.user_id AND c.used_at IS NULL) AS remaining
       FROM mfa_secrets m WHERE m.user_id = $1 AND m.enabled_at IS NOT NULL`,
      [userId],
    );
    return { enabledAt: row?.enabled_at ?? null, recoveryCodesRemaining: row?.remaining ?? 0 };
  }

  async #one(manager: EntityManager, sql: string, userId: string): Promise<StoredFactor | null> {
    const [row] = await manager.query<FactorRow[]>(sql, [userId]);
    if (!row) return null;
    return {
      factor: MfaFactor.restore({
        userId: row.user_id,
        organizationId: row.organization_id,
        enabledAt: row.enabled_at,
        pendingUntil: row.pending_until,
        lastUsedStep: Number(row.last_used_step),
        failures: row.failed_attempts,
        lockedUntil: row.locked_until,
      }),
      secret: this.#box.open(row.sealed_secret, row.user_id),
      recoverySalt: row.recovery_salt,
    };
  }
}
