import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId } from '../../../shared/platform/index.js';
import {
  type IssuedToken,
  type NewToken,
  type OneTimeToken,
  OneTimeTokens,
  type TokenPurpose,
} from '../application/one-time-tokens.js';
import { generateOpaqueToken, hashOfOpaqueToken } from '../domain/opaque-token.js';

interface TokenRow {
  readonly one_time_token_id: string;
  readonly user_id: string | null;
  readonly organization_id: string | null;
  readonly email: string | null;
  readonly details: Record<string, unknown>;
  readonly expires_at: Date;
}

const COLUMNS = 'one_time_token_id, user_id, organization_id, email, details, expires_at';
const USABLE = 'token_hash = $1 AND purpose = $2 AND uses_left > 0 AND expires_at > now()';

@Injectable()
export class PostgresOneTimeTokens extends OneTimeTokens {
  async issue(manager: EntityManager, wanted: NewToken): Promise<IssuedToken> {
    const { purpose, userId, organizationId, email = null, maxUses = 1, createdBy = null, details = {} } = wanted;
    if (userId !== null && !wanted.keepOlder) await this.voidAll(manager, userId, [purpose]);
    const id = newId();
    const token = generateOpaqueToken();
    const expiresAt = new Date(Date.now() + wanted.lifeMs);
    await manager.query(
      `INSERT INTO one_time_tokens (one_time_token_id, purpose, token_hash, user_id, organization_id, email, details,
                                    max_uses, uses_left, created_by, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10)`,
      [
        id,
        purpose,
        hashOfOpaqueToken(token),
        userId,
        organizationId,
        email,
        JSON.stringify(details),
        maxUses,
        createdBy,
        expiresAt,
      ],
    );
    return { id, token, expiresAt };
  }

  async peek(manager: EntityManager, purpose: TokenPurpose, token: string): Promise<OneTimeToken | null> {
    const [row] = await manager.query<TokenRow[]>(`SELECT ${COLUMNS} FROM one_time_tokens WHERE ${USABLE}`, [
      hashOfOpaqueToken(token),
      purpose,
    ]);
    return row ? tokenOf(row) : null;
  }

  async use(manager: EntityManager, purpose: TokenPurpose, token: string): Promise<OneTimeToken | null> {
    // Whoever waits for the row's lock reads it anew, and finds it used up.
    const [[row]] = await manager.query<[TokenRow[], number]>(
      `UPDATE one_time_tokens SET uses_left = uses_left - 1 WHERE ${USABLE} RETURNING ${COLUMNS}`,
      [hashOfOpaqueToken(token), purpose],
    );
    return row ? tokenOf(row) : null;
  }

  async renew(
    manager: EntityManager,
    purpose: TokenPurpose,
    id: string,
  ): Promise<(IssuedToken & { readonly email: string | null }) | null> {
    const token = generateOpaqueToken();
    const [[row]] = await manager.query<[TokenRow[], number]>(
      `UPDATE one_time_tokens SET token_hash = $3
       WHERE one_time_token_id = $1 AND purpose = $2 AND uses_left > 0 AND expires_at > now() RETURNING ${COLUMNS}`,
      [id, purpose, hashOfOpaqueToken(token)],
    );
    return row ? { id, token, expiresAt: row.expires_at, email: row.email } : null;
  }

  async voidAll(manager: EntityManager, userId: string, purposes: readonly TokenPurpose[]): Promise<void> {
    await manager.query(
      'UPDATE one_time_tokens SET uses_left = 0 WHERE user_id = $1 AND purpose = ANY($2) AND uses_left > 0',
      [userId, purposes],
    );
  }
}

function tokenOf(row: TokenRow): OneTimeToken {
  return {
    id: row.one_time_token_id,
    userId: row.user_id,
    organizationId: row.organization_id,
    email: row.email,
    details: row.details,
    expiresAt: row.expires_at,
  };
}
