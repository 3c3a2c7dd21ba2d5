import { QueryPlan } from '@telemetryflow/contracts';
import type { Statement } from '../compiler/parameters.js';
import type { Run } from './part.js';

interface Estimate {
  readonly parts: string;
  readonly rows: string;
}

/** A statement as the store takes it, with its estimate of what has to be read; nothing is read. */
export async function explainStatement(
  label: string,
  table: string,
  { sql, params }: Statement,
  run: Run,
): Promise<QueryPlan> {
  const tables = await run<Estimate>({ sql: `EXPLAIN ESTIMATE ${sql}`, params });
  const sum = (of: (estimate: Estimate) => string) => tables.reduce((total, row) => total + Number(of(row)), 0);
  return {
    label,
    sql,
    params: QueryPlan.shape.params.parse(params),
    table,
    rowsToRead: sum(({ rows }) => rows),
    partsToRead: sum(({ parts }) => parts),
  };
}
