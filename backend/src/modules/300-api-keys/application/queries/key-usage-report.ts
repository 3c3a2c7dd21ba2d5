import { Injectable } from '@nestjs/common';
import type { ApiKeyUsage, ApiKeyUsageQuery } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { bucketsOf, usageRange, type UsageRange } from './usage-range.js';

/** Answered requests of one key in one bucket. */
export interface UsageRow {
  readonly at: Date;
  readonly endpoint: string;
  readonly status: string;
  readonly requests: number;
  readonly errors: number;
}

/** Where the counts are kept. */
export abstract class KeyUsageRows {
  /** @throws NotFoundError when the key is unknown or belongs elsewhere */
  abstract of(context: RequestContext, id: string, range: UsageRange): Promise<readonly UsageRow[]>;
}

/** What a key was used for; up to a few seconds ago. */
@Injectable()
export class KeyUsageReport {
  constructor(private readonly rows: KeyUsageRows) {}

  /** Throws as {@link usageRange} and {@link KeyUsageRows.of}. */
  async of(context: RequestContext, id: string, query: ApiKeyUsageQuery): Promise<ApiKeyUsage> {
    const range = usageRange(query, new Date());
    const rows = await this.rows.of(context, id, range);
    const totals = sumOf(rows);
    const byBucket = Map.groupBy(rows, ({ at }) => at.getTime());
    return {
      totals: {
        ...totals,
        successRate: totals.requests === 0 ? 1 : (totals.requests - totals.errors) / totals.requests,
      },
      series: bucketsOf(range).map((at) => ({ at: at.toISOString(), ...sumOf(byBucket.get(at.getTime()) ?? []) })),
      byEndpoint: mostFirst(
        [...Map.groupBy(rows, (row) => row.endpoint)].map(([endpoint, of]) => ({ endpoint, ...sumOf(of) })),
      ),
      byStatus: mostFirst(
        [...Map.groupBy(rows, (row) => row.status)].map(([status, of]) => ({ status, requests: sumOf(of).requests })),
      ),
    };
  }
}

function sumOf(rows: readonly UsageRow[]): { requests: number; errors: number } {
  return {
    requests: rows.reduce((sum, row) => sum + row.requests, 0),
    errors: rows.reduce((sum, row) => sum + row.errors, 0),
  };
}

function mostFirst<T extends { readonly requests: number }>(rows: T[]): T[] {
  return rows.toSorted((a, b) => b.requests - a.requests);
}
