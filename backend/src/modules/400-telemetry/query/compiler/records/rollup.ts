import { resolveTfqlField, type TfqlExpression } from '@telemetryflow/contracts';
import type { PartRequest } from '../../engine/part.js';
import type { TimeRange } from '../../range.js';
import { HOUR_MS } from '../../step.js';
import { compileFilter } from '../filter.js';
import type { Parameters } from '../parameters.js';
import { recordsWithin, within } from '../time.js';
import { recordField, type FieldSql } from './field-sql.js';
import type { RecordSource } from './source.js';

const HOUR_NS = BigInt(HOUR_MS) * 1_000_000n;

type Records = 'spans' | 'logs';

/**
 * The whole hours of the range, when the counts by service and hour that the store keeps can answer the part for them:
 * nothing but records, or spans with an error, are counted, by service or not at all, in steps of whole hours.
 */
export function hoursCounted({ part, filter, wheres, range, steps }: PartRequest): TimeRange | undefined {
  const { signal } = part;
  if (signal !== 'spans' && signal !== 'logs') return undefined;
  const isService = (name: string) => isServiceName(name, signal);
  const counts = part.aggregations.every(
    (a, i) => ['count', 'rate'].includes(a.function) && a.field === '' && isCounted(wheres[i], signal),
  );
  if (!counts || !part.groupBy.every(isService) || !isOfServices(filter, isService)) return undefined;
  if (steps !== null && !steps.starts.every((start) => start % HOUR_MS === 0)) return undefined;
  if (steps !== null && steps.stepMs % HOUR_MS !== 0) return undefined;
  const fromNs = ((range.fromNs + HOUR_NS - 1n) / HOUR_NS) * HOUR_NS;
  const toNs = (range.toNs / HOUR_NS) * HOUR_NS;
  return fromNs < toNs ? { fromNs, toNs } : undefined;
}

/** Counts of whole hours from `services_v3`, and the records themselves of what the range has beside them. */
export class HourlySource implements RecordSource {
  readonly table = 'services_v3';
  readonly time = 'timestamp';

  constructor(
    private readonly request: PartRequest,
    private readonly signal: Records,
    private readonly hours: TimeRange,
    private readonly params: Parameters,
  ) {}

  field(name: string): FieldSql {
    return recordField(name, this.signal, [], this.params);
  }

  condition(filter: TfqlExpression): string {
    return compileFilter(filter, this.signal, this.params);
  }

  counted(where: TfqlExpression): string {
    return where.kind === 'all' ? 'records' : 'errors';
  }

  from(): string {
    const { filter } = this.request;
    const matches = filter.kind === 'all' ? '1' : this.condition(filter);
    const sources = [this.wholeHours(), ...this.edges()];
    return `FROM (
  ${sources.join('\n  UNION ALL\n  ')}
)
WHERE ${matches}`;
  }

  private wholeHours(): string {
    return `SELECT service_name, toDateTime64(hour, 9, 'UTC') AS timestamp, records, errors
  FROM services_v3
  WHERE ${this.params.tenantFilter} AND signal = '${this.signal}' AND ${within('hour', this.hours, this.params)}`;
  }

  private edges(): string[] {
    const { range } = this.request;
    const [before, after] = [
      { ...range, toNs: this.hours.fromNs },
      { ...range, fromNs: this.hours.toNs },
    ];
    const [table, error] =
      this.signal === 'spans' ? (['spans_v3', 'status_code = 2'] as const) : (['logs_v3', '0'] as const);
    return [before, after]
      .filter(({ fromNs, toNs }) => fromNs < toNs)
      .map(
        (edge) => `SELECT service_name, timestamp, toUInt64(1) AS records, toUInt64(${error}) AS errors
  FROM ${table}
  WHERE ${this.params.tenantFilter} AND ${recordsWithin(edge, this.params)}`,
      );
  }
}

function isServiceName(name: string, signal: Records): boolean {
  const target = resolveTfqlField(name, signal);
  return target.kind === 'field' && target.name === 'service.name';
}

/** Records of any kind, or spans whose status is error; severities are kept too coarsely. */
function isCounted(where: TfqlExpression | undefined, signal: Records): boolean {
  if (where === undefined || where.kind === 'all') return true;
  if (signal !== 'spans' || where.kind !== 'compare') return false;
  const target = resolveTfqlField(where.field, signal);
  const isStatus = target.kind === 'field' && target.name === 'status';
  return isStatus && [':', '='].includes(where.operator) && where.value.text.toLowerCase() === 'error';
}

function isOfServices(filter: TfqlExpression, isService: (name: string) => boolean): boolean {
  switch (filter.kind) {
    case 'all':
      return true;
    case 'and':
    case 'or':
      return filter.items.every((item) => isOfServices(item, isService));
    case 'not':
      return isOfServices(filter.item, isService);
    case 'text':
      return false;
    default:
      return isService(filter.field);
  }
}
