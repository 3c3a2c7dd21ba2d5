import { resolveTfqlField, type TfqlExpression } from '@telemetryflow/contracts';
import type { PartRequest } from '../../engine/part.js';
import { rangeMs } from '../../range.js';
import { hexId } from '../../readers/attributes.js';
import { DAY_MS } from '../../step.js';
import { compileFilter } from '../filter.js';
import type { Parameters } from '../parameters.js';
import { instant, recordsWithin, within } from '../time.js';
import { enumField, timestampField, type FieldSql } from './field-sql.js';
import { STATUS_CODES } from '../field-match.js';
import type { RecordSource } from './source.js';

/** What a whole trace has. */
export const TRACE_FIELDS = [
  'timestamp',
  'trace_id',
  'service.name',
  'name',
  'status',
  'duration',
  'span_count',
  'error_count',
] as const;
type TraceField = (typeof TRACE_FIELDS)[number];

/** How long after the range a trace may still have the span that a filter finds. */
const TRACE_TAIL_NS = 3_600_000_000_000n;
const asText = (key: string) => `toString(${key})`;

const NOTHING: FieldSql = {
  key: `''`,
  label: asText,
  number: 'nan',
  letter: `''`,
  unit: '',
  joins: [],
  usualValues: 1,
};

/** Over the rows of a trace, of which there is one per day at least. */
const COLUMNS = {
  trace_start: 'min(start_time)',
  trace_duration: 'toUnixTimestamp64Nano(max(end_time)) - toUnixTimestamp64Nano(min(start_time))',
  trace_spans: 'sum(span_count)',
  trace_errors: 'sum(error_count)',
  trace_root: 'max(root)',
};

/**
 * Whole traces that begin in the range and have a span that satisfies the whole filter. A trace over midnight has a row
 * per day, which is why the days around the range are read too.
 */
export class TraceSource implements RecordSource {
  readonly table = 'traces_v3';
  readonly time = 'trace_start';
  private readonly used = new Set<keyof typeof COLUMNS>(['trace_start']);

  constructor(
    private readonly request: PartRequest,
    private readonly params: Parameters,
  ) {}

  field(name: string): FieldSql {
    const field = traceField(name);
    if (field === undefined) return NOTHING;
    return this.fieldSql(field);
  }

  /** Of the trace's spans: it has one that satisfies the filter. */
  condition(filter: TfqlExpression): string {
    const { range } = this.request;
    const reach = { ...range, toNs: range.toNs + TRACE_TAIL_NS };
    return `trace_id IN (
    SELECT trace_id FROM spans_v3
    WHERE ${this.params.tenantFilter} AND ${recordsWithin(reach, this.params)}
      AND ${compileFilter(filter, 'spans', this.params)}
  )`;
  }

  from(): string {
    const columns = [...this.used].map((column) => `${COLUMNS[column]} AS ${column}`);
    return `FROM (
  SELECT trace_id, ${columns.join(', ')}
  FROM traces_v3
  WHERE ${this.params.tenantFilter} AND ${this.days()}${this.candidates()}
  GROUP BY trace_id
)
WHERE ${within('trace_start', this.request.range, this.params)}`;
  }

  private days(): string {
    const { fromNs, toNs } = this.request.range;
    return `day >= toDate(${instant(fromNs, this.params)}) - 1 AND day <= toDate(${instant(toNs, this.params)}) + 1`;
  }

  /** What narrows the traces before their rows are put together. */
  private candidates(): string {
    const { filter, range } = this.request;
    if (filter.kind !== 'all') return `\n  AND ${this.condition(filter)}`;
    if (rangeMs(range) >= DAY_MS) return '';
    return `\n  AND trace_id IN (SELECT trace_id FROM traces_v3 WHERE ${this.params.tenantFilter} AND ${this.days()} AND ${within('start_time', range, this.params)})`;
  }

  private fieldSql(name: TraceField): FieldSql {
    switch (name) {
      case 'timestamp':
        return timestampField('trace_start');
      case 'trace_id':
        return { key: 'trace_id', label: (key) => hexId(key, 32), unit: '', joins: [] };
      case 'service.name':
        this.used.add('trace_root');
        return { key: 'trace_root.service_name', label: asText, unit: '', joins: [], usualValues: 50 };
      case 'name':
        this.used.add('trace_root');
        return { key: 'trace_root.name', label: asText, unit: '', joins: [], usualValues: 500 };
      case 'status':
        this.used.add('trace_errors');
        return enumField('if(trace_errors > 0, 2, 0)', STATUS_CODES);
      case 'duration':
        return this.number('trace_duration', 'ns');
      case 'span_count':
        return this.number('trace_spans', '{span}');
      case 'error_count':
        return this.number('trace_errors', '{span}');
    }
  }

  private number(column: keyof typeof COLUMNS, unit: string): FieldSql {
    this.used.add(column);
    return { key: column, label: asText, number: `toFloat64(${column})`, unit, joins: [] };
  }
}

/** The field of whole traces that is meant; undefined for one that only spans have. */
export function traceField(name: string): TraceField | undefined {
  const target = resolveTfqlField(name, 'spans');
  const canonical = target.kind === 'field' ? target.name : name;
  return TRACE_FIELDS.find((field) => field === canonical);
}
