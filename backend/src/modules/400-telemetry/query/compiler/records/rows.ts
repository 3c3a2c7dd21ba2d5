import type { QueryColumn, QueryPart } from '@telemetryflow/contracts';
import type { PartRequest, RowsAnswer, Run } from '../../engine/part.js';
import { decodeValue } from '../../readers/attributes.js';
import { firstRows, listWindows, type List } from '../../windows.js';
import { Parameters, type Statement } from '../parameters.js';
import type { SourceOf } from './groups.js';
import type { RecordSource } from './source.js';

/** A record: the text of each column, and its type letter, empty where the record lacks it. */
interface RecordRow {
  readonly texts: string[];
  readonly letters: string[];
}

type Records = Exclude<QueryPart['signal'], 'metrics'>;

const DEFAULT_COLUMNS: Readonly<Record<Records, readonly string[]>> = {
  spans: ['timestamp', 'service.name', 'name', 'kind', 'status', 'duration', 'trace_id', 'span_id'],
  logs: ['timestamp', 'severity', 'service.name', 'body', 'trace_id', 'span_id'],
  traces: ['timestamp', 'service.name', 'name', 'status', 'duration', 'span_count', 'error_count', 'trace_id'],
};
/** What tells records of the same instant apart. */
const TIE: Readonly<Record<Records, string>> = { spans: 'span_id', logs: 'id', traces: 'trace_id' };

/** The newest records, read window by window backwards until there are enough. */
export interface RowsPlan {
  /** One for each window, newest first. */
  readonly statements: readonly Statement[];
  answer(run: Run): Promise<RowsAnswer>;
}

/** @throws TfqlSyntaxError */
export function planRows(
  request: PartRequest,
  signal: Records,
  sourceOf: (request: PartRequest) => SourceOf,
): RowsPlan {
  const names = request.part.fields.length === 0 ? DEFAULT_COLUMNS[signal] : request.part.fields;
  const { limit } = request.part;
  const list: List = {
    range: request.range,
    order: 'desc',
    most: limit + 1,
    isFiltered: request.filter.kind !== 'all',
  };
  const compile = (window: PartRequest['range'], most: number) => {
    const params = new Parameters(request.tenantId);
    const source = sourceOf({ ...request, range: window })(params);
    return { source, statement: rowsStatement(source, names, TIE[signal], most, params) };
  };
  return {
    statements: listWindows(list).map((window) => compile(window, limit + 1).statement),
    answer: async (run) => {
      const rows = await firstRows(list, (window, most) => run<RecordRow>(compile(window, most).statement));
      return {
        kind: 'rows',
        columns: columnsOf(compile(request.range, 1).source, names),
        rows: rows.slice(0, limit).map(readRow),
        truncated: rows.length > limit,
      };
    },
  };
}

function rowsStatement(
  source: RecordSource,
  names: readonly string[],
  tie: string,
  most: number,
  params: Parameters,
): Statement {
  const fields = names.map((name) => source.field(name));
  const texts = fields.map((field) => field.label(field.key));
  const letters = fields.map((field) => field.letter ?? `'s'`);
  return params.statement(`SELECT CAST([${texts.join(', ')}], 'Array(String)') AS texts, CAST([${letters.join(', ')}], 'Array(String)') AS letters
${source.from()}
ORDER BY ${source.time} DESC, ${tie} DESC
LIMIT ${params.add('UInt32', most)}`);
}

function columnsOf(source: RecordSource, names: readonly string[]): QueryColumn[] {
  return names.map((name) => ({ name, unit: source.field(name).unit }));
}

function readRow({ texts, letters }: RecordRow): unknown[] {
  return texts.map((text, i) => (letters[i] === '' ? null : decodeValue(text, letters[i] ?? 's')));
}
