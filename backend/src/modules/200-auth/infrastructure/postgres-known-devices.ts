import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId } from '../../../shared/platform/index.js';
import type { Account } from '../application/accounts.js';
import { type KnownDevice, KnownDevices, type SeenDevice } from '../application/known-devices.js';
import type { DeviceClaim, RequestOrigin } from '../application/request-origin.js';
import { describeUserAgent, fingerprintOf } from '../application/user-agents.js';
import { generateOpaqueToken, hashOfOpaqueToken } from '../domain/opaque-token.js';

interface DeviceRow {
  readonly known_device_id: string;
  readonly name: string;
}

@Injectable()
export class PostgresKnownDevices extends KnownDevices {
  async isTrusted(manager: EntityManager, userId: string, token: string): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      'SELECT 1 FROM known_devices WHERE user_id = $1 AND token_hash = $2 AND trusted_until > now()',
      [userId, hashOfOpaqueToken(token)],
    );
    return rows.length > 0;
  }

  async see(
    manager: EntityManager,
    account: Pick<Account, 'userId' | 'organizationId'>,
    origin: RequestOrigin,
    claim: DeviceClaim,
    trustedUntil: Date | null,
  ): Promise<SeenDevice> {
    const fingerprint = fingerprintOf(origin.userAgent, origin.ip);
    const known = await this.#find(manager, account.userId, claim, fingerprint);
    // Whoever is trusted from now on gets a token that nobody can have planted there before.
    const keeps = claim.keepsToken || trustedUntil !== null;
    const fresh = trustedUntil !== null || (keeps && !known?.byToken);
    const token = fresh ? generateOpaqueToken() : keeps ? claim.token : null;
    if (known) {
      await manager.query(
        `UPDATE known_devices SET login_count = login_count + 1, last_seen_at = now(), last_ip = $2, user_agent = $3,
                fingerprint = $4, token_hash = COALESCE($5, token_hash), trusted_until = COALESCE($6, trusted_until)
         WHERE known_device_id = $1`,
        [
          known.row.known_device_id,
          origin.ip,
          origin.userAgent.slice(0, 512),
          fingerprint,
          fresh && token !== null ? hashOfOpaqueToken(token) : null,
          trustedUntil,
        ],
      );
      return { id: known.row.known_device_id, name: known.row.name, isNew: false, token };
    }
    return this.#add(manager, account, origin, { fingerprint, token, trustedUntil });
  }

  async withdrawTrust(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(
      'UPDATE known_devices SET trusted_until = NULL WHERE user_id = $1 AND trusted_until IS NOT NULL',
      [userId],
    );
  }

  async forUpdate(manager: EntityManager, userId: string, deviceId: string): Promise<KnownDevice | null> {
    const [row] = await manager.query<{ name: string; is_trusted: boolean; organization_id: string }[]>(
      `SELECT name, COALESCE(trusted_until > now(), false) AS is_trusted, organization_id FROM known_devices
       WHERE user_id = $1 AND known_device_id = $2 FOR UPDATE`,
      [userId, deviceId],
    );
    return row ? { name: row.name, isTrusted: row.is_trusted, organizationId: row.organization_id } : null;
  }

  async change(
    manager: EntityManager,
    userId: string,
    deviceId: string,
    { name, isTrusted }: Pick<KnownDevice, 'name' | 'isTrusted'>,
  ): Promise<void> {
    await manager.query(
      `UPDATE known_devices SET name = $3, trusted_until = CASE WHEN $4 THEN trusted_until END
       WHERE user_id = $1 AND known_device_id = $2`,
      [userId, deviceId, name, isTrusted],
    );
  }

  async remove(manager: EntityManager, userId: string, deviceId: string): Promise<void> {
    await manager.query('DELETE FROM known_devices WHERE user_id = $1 AND known_device_id = $2', [userId, deviceId]);
  }

  /** By its token; a program that keeps none is known by its fingerprint. */
  async #find(
    manager: EntityManager,
    userId: string,
    { token, keepsToken }: DeviceClaim,
    fingerprint: Buffer,
  ): Promise<{ row: DeviceRow; byToken: boolean } | null> {
    if (token !== null) {
      const [row] = await manager.query<DeviceRow[]>(
        'SELECT known_device_id, name FROM known_devices WHERE user_id = $1 AND token_hash = $2 FOR UPDATE',
        [userId, hashOfOpaqueToken(token)],
      );
      if (row) return { row, byToken: true };
    }
    if (keepsToken) return null;
    const [row] = await manager.query<DeviceRow[]>(
      `SELECT known_device_id, name FROM known_devices
       WHERE user_id = $1 AND fingerprint = $2 AND token_hash IS NULL ORDER BY last_seen_at DESC LIMIT 1 FOR UPDATE`,
      [userId, fingerprint],
    );
    return row ? { row, byToken: false } : null;
  }

  async #add(
    manager: EntityManager,
    { userId, organizationId }: Pick<Account, 'userId' | 'organizationId'>,
    { ip, userAgent }: RequestOrigin,
    device: { fingerprint: Buffer; token: string | null; trustedUntil: Date | null },
  ): Promise<SeenDevice> {
    const { fingerprint, token, trustedUntil } = device;
    const [others] = await manager.query<{ any: boolean; alike: boolean }[]>(
      `SELECT count(*) > 0 AS any, COALESCE(bool_or(fingerprint = $2), false) AS alike
       FROM known_devices WHERE user_id = $1`,
      [userId, fingerprint],
    );
    const id = newId();
    const { browser, os } = describeUserAgent(userAgent);
    const name = `${browser} · ${os}`.slice(0, 100);
    await manager.query(
      `INSERT INTO known_devices (known_device_id, user_id, organization_id, token_hash, fingerprint, name, user_agent,
                                  last_ip, trusted_until)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        id,
        userId,
        organizationId,
        token === null ? null : hashOfOpaqueToken(token),
        fingerprint,
        name,
        userAgent.slice(0, 512),
        ip,
        trustedUntil,
      ],
    );
    return { id, name, isNew: others !== undefined && others.any && !others.alike, token };
  }
}
