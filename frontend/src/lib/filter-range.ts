import {
  durationNsOf,
  formatTfql,
  numberOf,
  parseTfql,
  TfqlSyntaxError,
  type Comparison,
  type TfqlExpression,
} from '@telemetryflow/contracts';

/** A range of durations in nanoseconds; an open end is absent. */
export interface DurationRange {
  readonly lowNs?: number;
  readonly highNs?: number;
}

const FIELD = 'duration';
const boundOf = (clause: TfqlExpression): Comparison | null =>
  clause.kind === 'compare' && clause.field === FIELD && /^[<>]/.test(clause.operator) ? clause : null;

function clausesOf(filter: string): readonly TfqlExpression[] | null {
  try {
    const expression = parseTfql(filter);
    if (expression.kind === 'all') return [];
    return expression.kind === 'and' ? expression.items : [expression];
  } catch (error) {
    if (error instanceof TfqlSyntaxError) return null;
    throw error;
  }
}

/** The range of durations that a filter asks for with `duration>…` and `duration<…`; empty when it asks for none. */
export function durationRangeOf(filter: string): DurationRange {
  const range: { lowNs?: number; highNs?: number } = {};
  for (const clause of clausesOf(filter) ?? []) {
    const bound = boundOf(clause);
    if (bound === null) continue;
    const { operator, value } = bound;
    const milliseconds = numberOf(value.text);
    const ns = durationNsOf(value.text) ?? (milliseconds === undefined ? undefined : milliseconds * 1e6);
    if (ns === undefined) continue;
    if (operator.startsWith('>')) range.lowNs = Math.max(ns, range.lowNs ?? 0);
    else range.highNs = Math.min(ns, range.highNs ?? Infinity);
  }
  return range;
}

/** The filter with exactly this range of durations; the rest of it stays. A filter that can't be read stays as it is. */
export function withDurationRange(filter: string, { lowNs, highNs }: DurationRange): string {
  const clauses = clausesOf(filter);
  if (clauses === null) return filter;
  const items = clauses.filter((clause) => boundOf(clause) === null);
  const at = { from: 0, to: 0 };
  const bound = (operator: '>=' | '<', ns: number): Comparison => ({
    kind: 'compare',
    field: FIELD,
    operator,
    value: { text: durationText(ns), quoted: false },
    at,
  });
  if (lowNs !== undefined && lowNs > 0) items.push(bound('>=', lowNs));
  if (highNs !== undefined && Number.isFinite(highNs)) items.push(bound('<', highNs));
  const [first] = items;
  if (first === undefined) return '';
  return formatTfql(items.length === 1 ? first : { kind: 'and', items });
}

/** Both filters at once. */
export function bothFilters(a: string, b: string): string {
  if (a.trim() === '' || b.trim() === '') return a.trim() || b.trim();
  return `(${a}) AND (${b})`;
}

const UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
  ['ns', 1],
] as const;

/** As a filter writes it, in at most three figures: `1.24s`, `840ms`. */
export function durationText(ns: number): string {
  const [unit, size] = UNITS.find(([, from]) => ns >= from) ?? ['ns', 1];
  return `${Number((ns / size).toPrecision(3))}${unit}`;
}
