import { Injectable } from '@nestjs/common';
import type { LogContextQuery, LogContextResponse, LogNeighbourhood } from '@telemetryflow/contracts';
import { NotFoundError, ValidationError } from '../../../../shared/platform/index.js';
import type { TimeRange } from '../range.js';
import type { ReadScope } from '../store.js';
import { isRecordId, LogReader, type LogRow } from './log-reader.js';

/** How far neighbours are looked for on either side. */
const REACH_NS = 86_400_000_000_000n;
/** What the store's Int64 of nanoseconds holds. */
const LATEST_NS = 2n ** 63n - 1n;

/** What was logged around a record. */
@Injectable()
export class LogContextReader {
  constructor(private readonly logs: LogReader) {}

  /** @throws ValidationError for a malformed id or time, NotFoundError when no such record is there then */
  async around(id: string, query: LogContextQuery, scope: ReadScope): Promise<LogContextResponse> {
    if (!isRecordId(id)) {
      throw new ValidationError([
        { path: 'recordId', code: 'invalid_format', message: 'must be the id of a log record' },
      ]);
    }
    const ns = BigInt(query.time);
    if (ns > LATEST_NS - REACH_NS) throw new NotFoundError('The log record');
    const filter = { kind: 'all' } as const;
    const [row] = await this.logs.rows({ filter, order: 'asc', id }, 1, { fromNs: ns, toNs: ns + 1n }, scope);
    if (row === undefined) throw new NotFoundError('The log record');
    const neighbours = (order: 'asc' | 'desc', count: number, range: TimeRange) =>
      this.logs.rows({ filter, ...within(row, query.within), order, after: { ns, id } }, count + 1, range, scope);
    const [before, after] = await Promise.all([
      neighbours('desc', query.before, { fromNs: ns > REACH_NS ? ns - REACH_NS : 0n, toNs: ns + 1n }),
      neighbours('asc', query.after, { fromNs: ns, toNs: ns + REACH_NS }),
    ]);
    const older = before.slice(0, query.before).reverse();
    return {
      data: await this.logs.records([...older, row, ...after.slice(0, query.after)], scope),
      position: older.length,
      hasBefore: before.length > query.before,
      hasAfter: after.length > query.after,
    };
  }
}

function within({ serviceName, resourceId }: LogRow, neighbourhood: LogNeighbourhood) {
  switch (neighbourhood) {
    case 'resource':
      return { serviceName, resourceId };
    case 'service':
      return { serviceName };
    case 'tenant':
      return {};
  }
}
