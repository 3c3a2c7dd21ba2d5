import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { newId } from '../../../shared/platform/index.js';
import { PasswordHistory, type PasswordReplacement } from '../application/password-history.js';
import { REMEMBERED_PASSWORDS } from '../domain/password-rules.js';

/** Besides the current one, which lies with the user. */
const FORMER = REMEMBERED_PASSWORDS - 1;

@Injectable()
export class PostgresPasswordHistory extends PasswordHistory {
  async recent(manager: EntityManager, userId: string): Promise<readonly string[]> {
    const rows = await manager.query<{ password_hash: string }[]>(
      `(SELECT password_hash, 'infinity'::timestamptz AS replaced_at FROM users
        WHERE user_id = $1 AND password_hash IS NOT NULL)
       UNION ALL
       (SELECT password_hash, replaced_at FROM password_history WHERE user_id = $1)
       ORDER BY replaced_at DESC LIMIT $2`,
      [userId, REMEMBERED_PASSWORDS],
    );
    return rows.map((row) => row.password_hash);
  }

  async replace(manager: EntityManager, userId: string, replacement: PasswordReplacement): Promise<boolean> {
    const { hash, expected = null, mustChange = false } = replacement;
    const [user] = await manager.query<{ organization_id: string; password_hash: string | null }[]>(
      'SELECT organization_id, password_hash FROM users WHERE user_id = $1 AND deleted_at IS NULL FOR UPDATE',
      [userId],
    );
    if (!user || (expected !== null && user.password_hash !== expected)) return false;
    await manager.query(
      `UPDATE users SET password_hash = $2, password_changed_at = now(), force_password_change = $3, updated_at = now()
       WHERE user_id = $1`,
      [userId, hash, mustChange],
    );
    if (user.password_hash !== null) await this.#remember(manager, userId, user.organization_id, user.password_hash);
    return true;
  }

  async #remember(manager: EntityManager, userId: string, organizationId: string, hash: string): Promise<void> {
    await manager.query(
      `INSERT INTO password_history (password_history_id, user_id, organization_id, password_hash)
       VALUES ($1, $2, $3, $4)`,
      [newId(), userId, organizationId, hash],
    );
    await manager.query(
      `DELETE FROM password_history WHERE user_id = $1 AND password_history_id NOT IN
         (SELECT password_history_id FROM password_history WHERE user_id = $1
          ORDER BY replaced_at DESC, password_history_id DESC LIMIT $2)`,
      [userId, FORMER],
    );
  }
}
