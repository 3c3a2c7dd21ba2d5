import { resolveTfqlField, type Aggregation, type Distribution, type TfqlExpression } from '@telemetryflow/contracts';
import { SPAN_KINDS, STATUS_CODES } from '../compiler/field-match.js';
import type { AnsweredGroup, PartRequest } from '../engine/part.js';
import {
  column,
  evaluate,
  isSpan,
  LEVELS,
  severityNumbers,
  type EvaluatedRecord,
  type EvaluatedSpan,
} from './filter-evaluator.js';
import { encode } from './rows.js';

/** What a part is about: a record, or a whole trace, with what can be asked of it. */
interface Item {
  readonly atNs: bigint;
  /** The text of a field; empty where there is none. */
  text(field: string): string;
  /** The number of a field; NaN where there is none. */
  number(field: string): number;
  matches(filter: TfqlExpression): boolean;
}

/** What a part of the query model means, slowly and obviously: the yardstick of the compiler. All groups, by rank. */
export function evaluateGroups(request: PartRequest, rows: readonly EvaluatedRecord[]): AnsweredGroup[] {
  const { part, range, filter, onlyGroups } = request;
  const items = part.signal === 'traces' ? tracesOf(rows.filter(isSpan), range.toNs) : rows.map(recordItem);
  const found = items.filter(({ atNs }) => atNs >= range.fromNs && atNs < range.toNs).filter((i) => i.matches(filter));
  const byLabels = Map.groupBy(found, (item) => JSON.stringify(part.groupBy.map((key) => item.text(key))));
  if (part.groupBy.length === 0 && byLabels.size === 0) byLabels.set('[]', []);
  const groups = [...byLabels]
    .map(([labels, members]) => evaluateGroup(request, JSON.parse(labels) as string[], members))
    .filter(({ labels }) => onlyGroups === undefined || onlyGroups.some((g) => g.join('\0') === labels.join('\0')));
  const sign = part.order?.direction === 'asc' ? -1 : 1;
  const by = part.order?.by ?? 0;
  return groups.sort((a, b) => {
    const order =
      typeof by === 'string'
        ? sign * bytewise(b.labels[part.groupBy.indexOf(by)] ?? '', a.labels[part.groupBy.indexOf(by)] ?? '')
        : ranked(a.values[by] ?? null, b.values[by] ?? null, sign);
    return order === 0 ? labelwise(a.labels, b.labels) : order;
  });
}

/** Largest first, groups without a value last. */
function ranked(a: number | null, b: number | null, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return sign * (b - a);
}

function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function labelwise(a: readonly string[], b: readonly string[]): number {
  return a.map((label, i) => bytewise(label, b[i] ?? '')).find((order) => order !== 0) ?? 0;
}

function evaluateGroup(request: PartRequest, labels: readonly string[], members: readonly Item[]): AnsweredGroup {
  const { part, wheres, range, steps } = request;
  const [fromMs, toMs] = [Number(range.fromNs) / 1e6, Number(range.toNs) / 1e6];
  const counted = part.aggregations.map((_, i) => members.filter((m) => m.matches(wheres[i] ?? { kind: 'all' })));
  const values = part.aggregations.map((a, i) => aggregated(a, counted[i] ?? [], (toMs - fromMs) / 1000));
  const isHistogram = part.aggregations.some((a) => a.function === 'histogram');
  const slices =
    steps === null ? [] : steps.starts.map((start, i) => [start, steps.starts[i + 1] ?? Infinity] as const);
  const inside = (items: readonly Item[], [start, end]: readonly [number, number]) =>
    items.filter(({ atNs }) => Number(atNs / 1_000_000n) >= start && Number(atNs / 1_000_000n) < end);
  const series = part.aggregations.map((a, i) =>
    slices.map(([start, end]) => {
      const seconds = (Math.min(end, toMs) - Math.max(start, fromMs)) / 1000;
      return aggregated(a, inside(counted[i] ?? [], [start, end]), seconds);
    }),
  );
  const distributions = part.aggregations.map((a, i) => {
    if (a.function !== 'histogram') return null;
    const all = counted[i] ?? [];
    return distribution((steps === null ? [all] : slices.map((slice) => inside(all, slice))).map((s) => numbers(a, s)));
  });
  return { labels, values, ...(steps === null ? {} : { series }), ...(isHistogram ? { distributions } : {}) };
}

function numbers({ field }: Aggregation, items: readonly Item[]): number[] {
  return items.map((item) => item.number(field)).filter((n) => Number.isFinite(n));
}

const LEVEL: Record<string, number> = { p50: 0.5, p75: 0.75, p90: 0.9, p95: 0.95, p99: 0.99 };

function aggregated(a: Aggregation, items: readonly Item[], seconds: number): number | null {
  const carrying = a.field === '' ? items : items.filter((item) => item.text(a.field) !== '');
  if (a.function === 'count') return carrying.length;
  if (a.function === 'rate') return carrying.length / seconds;
  if (a.function === 'distinct') return new Set(carrying.map((item) => item.text(a.field))).size;
  const found = numbers(a, items);
  if (found.length === 0 || a.function === 'histogram') return null;
  const sum = found.reduce((total, n) => total + n, 0);
  switch (a.function) {
    case 'sum':
      return sum;
    case 'avg':
      return sum / found.length;
    case 'min':
      return Math.min(...found);
    case 'max':
      return Math.max(...found);
    case 'last':
      return items
        .filter((item) => Number.isFinite(item.number(a.field)))
        .reduce((newest, item) => (item.atNs > newest.atNs ? item : newest))
        .number(a.field);
    default:
      return quantile(found, a.level ?? LEVEL[a.function] ?? Number.NaN);
  }
}

/** Between the two neighbours, in proportion. */
function quantile(values: readonly number[], level: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (sorted.length - 1) * level;
  const [low, high] = [sorted[Math.floor(rank)] ?? 0, sorted[Math.ceil(rank)] ?? 0];
  return low + (high - low) * (rank - Math.floor(rank));
}

/** Counts by value, of each step: what the buckets of an answer are compared with. */
function distribution(steps: readonly (readonly number[])[]): Distribution {
  const bounds = [...new Set(steps.flat())].sort((a, b) => a - b);
  return { bounds, counts: steps.map((values) => bounds.map((bound) => values.filter((v) => v === bound).length)) };
}

function recordItem(row: EvaluatedRecord): Item {
  return {
    atNs: isSpan(row) ? row.startNs : row.timeNs,
    text: (field) => textOf(field, row),
    number: (field) => (isDuration(field, row) ? Number(durationOf(row)) : numeric(textOf(field, row))),
    matches: (filter) => evaluate(filter, row),
  };
}

function isDuration(field: string, row: EvaluatedRecord): row is EvaluatedSpan {
  return field === 'duration' && isSpan(row);
}

function durationOf(row: EvaluatedSpan): bigint {
  return row.durationNs ?? 1_000_000n;
}

/** Decimal numbers, as JavaScript spells them; other text is none. */
function numeric(text: string): number {
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

function textOf(name: string, row: EvaluatedRecord): string {
  const target = resolveTfqlField(name, isSpan(row) ? 'spans' : 'logs');
  const own = row.attributes ?? {};
  const encoded = (map: typeof own, key: string) => (key in map ? encode(map[key] ?? null)[0] : '');
  switch (target.kind) {
    case 'attribute':
      return encoded(own, target.key);
    case 'resource':
      return encoded(row.resource, target.key);
    case 'any':
      return encoded(target.key in own ? own : row.resource, target.key);
    case 'field':
      return fieldOf(target.name, row);
  }
}

function fieldOf(name: string, row: EvaluatedRecord): string {
  if (isSpan(row)) {
    if (name === 'kind') return SPAN_KINDS[row.kind ?? 1] ?? '';
    if (name === 'status') return STATUS_CODES[row.status ?? 0] ?? '';
    if (name === 'duration') return String(durationOf(row));
  } else if (name === 'severity') {
    const number = row.severity ?? 9;
    const level =
      number > 0 ? Math.floor((number - 1) / 4) : ((severityNumbers(row.severityText ?? '')?.[0] ?? 0) - 1) / 4;
    return LEVELS[level] ?? 'unspecified';
  }
  return column(name, row);
}

/** How long after the range a trace may still have the span that a filter finds. */
const TAIL_NS = 3_600_000_000_000n;

function tracesOf(spans: readonly EvaluatedSpan[], toNs: bigint): Item[] {
  return [...Map.groupBy(spans, (span) => span.trace).values()].map((members): Item => {
    const atNs = members.reduce((first, s) => (s.startNs < first ? s.startNs : first), members[0]?.startNs ?? 0n);
    const endNs = members.reduce(
      (last, s) => (s.startNs + durationOf(s) > last ? s.startNs + durationOf(s) : last),
      0n,
    );
    const isRoot = (s: EvaluatedSpan) => Number(s.parent === undefined);
    const root = members.reduce((best, s) =>
      isRoot(s) > isRoot(best) || (isRoot(s) === isRoot(best) && durationOf(s) > durationOf(best)) ? s : best,
    );
    const errors = members.filter((s) => s.status === 2).length;
    const fields: Record<string, string> = {
      'service.name': column('service.name', root),
      name: column('name', root),
      status: errors > 0 ? 'error' : 'unset',
      trace_id: root.trace,
      duration: String(endNs - atNs),
      span_count: String(members.length),
      error_count: String(errors),
    };
    return {
      atNs,
      text: (field) => fields[field] ?? '',
      number: (field) => numeric(fields[field] ?? ''),
      matches: (filter) =>
        filter.kind === 'all' || members.some((s) => s.startNs < toNs + TAIL_NS && evaluate(filter, s)),
    };
  });
}
