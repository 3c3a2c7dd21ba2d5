import { Injectable } from '@nestjs/common';
import { Database } from '../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../shared/platform/index.js';
import { KeyUsageRows, type UsageRow } from '../application/queries/key-usage-report.js';
import type { UsageRange } from '../application/queries/usage-range.js';
import { OWN_PLACE, placeOf } from './own-place.js';

@Injectable()
export class PostgresKeyUsageRows extends KeyUsageRows {
  constructor(private readonly database: Database) {
    super();
  }

  of(context: RequestContext, id: string, { from, to, bucket }: UsageRange): Promise<readonly UsageRow[]> {
    return this.database.transaction(context, async (manager) => {
      const own = await manager.query<unknown[]>(`SELECT 1 FROM api_keys WHERE ${OWN_PLACE} AND api_key_id = $4`, [
        ...placeOf(context),
        id,
      ]);
      if (own.length === 0) throw new NotFoundError('API key');
      return manager.query<UsageRow[]>(
        `SELECT date_trunc($4, hour, 'UTC') AS at, endpoint, status,
                sum(requests)::float8 AS requests, sum(errors)::float8 AS errors
         FROM api_key_usage WHERE api_key_id = $1 AND hour >= $2 AND hour < $3
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
        [id, from, to, bucket],
      );
    });
  }
}
