import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RequestWindows, type WindowLimit } from '../application/request-windows.js';

/** Each count takes away some that have ended, so that the table holds little else than running ones. */
const SWEPT_PER_COUNT = 10;

@Injectable()
export class PostgresRequestWindows extends RequestWindows {
  protected async count(
    manager: EntityManager,
    { purpose, windowSeconds }: WindowLimit,
    key: string,
  ): Promise<{ requests: number; secondsLeft: number }> {
    const keyHash = createHash('sha256').update(key).digest();
    const [row] = await manager.query<{ requests: number; seconds_left: number }[]>(
      `INSERT INTO request_windows AS w (purpose, key_hash, requests, ends_at)
       VALUES ($1, $2, 1, now() + make_interval(secs => $3))
       ON CONFLICT (purpose, key_hash) DO UPDATE SET
         requests = CASE WHEN w.ends_at <= now() THEN 1 ELSE w.requests + 1 END,
         ends_at = CASE WHEN w.ends_at <= now() THEN excluded.ends_at ELSE w.ends_at END
       RETURNING requests, GREATEST(1, ceil(extract(epoch FROM ends_at - now())))::int AS seconds_left`,
      [purpose, keyHash, windowSeconds],
    );
    await manager.query(
      `DELETE FROM request_windows WHERE ctid IN
         (SELECT ctid FROM request_windows WHERE ends_at < now() AND key_hash <> $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`,
      [keyHash, SWEPT_PER_COUNT],
    );
    return { requests: row?.requests ?? 1, secondsLeft: row?.seconds_left ?? windowSeconds };
  }
}
