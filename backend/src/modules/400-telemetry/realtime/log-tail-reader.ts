import { Injectable } from '@nestjs/common';
import type { LogRecord, TfqlExpression } from '@telemetryflow/contracts';
import { IdentityReader } from '../query/readers/identities.js';
import { toRecord, type LogRow } from '../query/readers/log-reader.js';
import { TelemetryStore, withFilterErrors } from '../query/store.js';
import { compileTailCounts, compileTailRecords } from './compile-log-tail.js';
import type { ArrivalCounts } from './tail-position.js';

/** What a tail follows. */
export interface TailSubject {
  readonly tenantId: string;
  readonly filter: TfqlExpression;
}

/** A record with the second at which the store took it in. */
export interface ArrivedRecord {
  readonly record: LogRecord;
  readonly second: number;
}

interface CountsRow {
  readonly second: number;
  readonly seconds: readonly number[];
  readonly records: readonly number[];
}

/** Reads what came in from a second on. */
@Injectable()
export class LogTailReader {
  constructor(
    private readonly store: TelemetryStore,
    private readonly identities: IdentityReader,
  ) {}

  /** @throws DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async counts({ tenantId, filter }: TailSubject, fromSecond: number): Promise<ArrivalCounts> {
    const statement = withFilterErrors(() => compileTailCounts({ tenantId, filter, fromSecond, nowMs: Date.now() }));
    const [row] = await this.store.query<CountsRow>(statement, { tenantId });
    return row ?? { second: fromSecond, seconds: [], records: [] };
  }

  /** The newest by their own time, newest first. @throws as {@link counts} */
  async newest(
    { tenantId, filter }: TailSubject,
    fromSecond: number,
    sentIds: readonly string[],
    limit: number,
  ): Promise<ArrivedRecord[]> {
    const query = { tenantId, filter, fromSecond, nowMs: Date.now() };
    const statement = withFilterErrors(() => compileTailRecords(query, sentIds, limit));
    const rows = await this.store.query<LogRow & { readonly second: number }>(statement, { tenantId });
    const identities = await this.identities.of(rows, { tenantId });
    return rows.map((row) => ({ record: toRecord(row, identities), second: row.second }));
  }
}
