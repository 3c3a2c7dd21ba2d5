import { aggregationName, type Aggregation, type QueryColumn, type QueryPart } from '@telemetryflow/contracts';
import { ValidationError } from '../../../../../shared/platform/index.js';
import type { PartRequest } from '../../engine/part.js';
import type { FieldSql } from './field-sql.js';
import type { RecordSource } from './source.js';

/** An aggregate function of the store over the rows that `condition` holds for; its states can be merged. */
export interface AggregateState {
  readonly name: string;
  /** Of the function itself: the levels of quantiles. */
  readonly parameters: readonly string[];
  readonly args: readonly string[];
  readonly condition?: string;
}

/** One aggregation of a part: what it takes from which state. */
export interface PlannedAggregation {
  readonly column: QueryColumn;
  /** Position among the states; undefined for a histogram, which has a statement of its own. */
  readonly state?: number;
  /** SQL for the number, of the SQL for the state's value. */
  pick(value: string): string;
  /** Per second of the length of the step or range. */
  readonly perSecond: boolean;
  /** What it is without a single record: nobody counted is zero, nothing measured is nothing to say. */
  readonly none: 0 | null;
}

/** The aggregations of a part and the states they are taken from: percentiles of the same records share one. */
export interface AggregatePlan {
  readonly aggregations: readonly PlannedAggregation[];
  readonly states: readonly AggregateState[];
}

type Percentile = Pick<Aggregation, 'function' | 'level'>;

const LEVELS: Partial<Record<Aggregation['function'], number>> = {
  p50: 0.5,
  p75: 0.75,
  p90: 0.9,
  p95: 0.95,
  p99: 0.99,
};
const COUNTING: ReadonlySet<string> = new Set(['count', 'rate', 'distinct']);
const COUNTED: Readonly<Record<QueryPart['signal'], string>> = {
  spans: '{span}',
  logs: '{record}',
  traces: '{trace}',
  metrics: '{point}',
};

/**
 * @param exact percentiles: of all values, which are kept, or estimated
 * @throws ValidationError for a function or field that records do not have
 */
export function planAggregates(request: PartRequest, source: RecordSource, exact: boolean): AggregatePlan {
  const states: AggregateState[] = [];
  const shared = new Map<string, { state: number; levels: string[] }>();
  const aggregations = request.part.aggregations.map((aggregation, i): PlannedAggregation => {
    const field = fieldOf(aggregation, i, source);
    const where = request.wheres[i];
    const counted = source.counted?.(where ?? { kind: 'all' });
    const isNarrowed = where !== undefined && where.kind !== 'all' && counted === undefined;
    const condition = isNarrowed ? source.condition(where) : undefined;
    const planned = {
      column: {
        name: aggregation.alias || aggregationName(aggregation),
        unit: unitOf(aggregation, request.part, field),
      },
      perSecond: aggregation.function === 'rate',
      none: COUNTING.has(aggregation.function) ? (0 as const) : null,
    };
    if (aggregation.function === 'histogram') return { ...planned, pick: (value) => value };
    const level = levelOf(aggregation, i);
    if (level === undefined) {
      const summed = counted === undefined ? undefined : conditional('sum', [counted], undefined);
      const state = states.push(summed ?? stateOf(aggregation, field, source, condition)) - 1;
      return { ...planned, state, pick: (value) => `toFloat64(${value})` };
    }
    const number = field?.number ?? 'nan';
    const finite = allOf(...finiteNumber(number), condition);
    const key = `${number} ${finite ?? ''}`;
    const quantiles = shared.get(key) ?? { state: states.length, levels: [] };
    quantiles.levels.push(levelLiteral(level));
    if (!shared.has(key)) states.push(percentileState(number, finite, quantiles.levels, exact));
    shared.set(key, quantiles);
    const position = quantiles.levels.length;
    return { ...planned, state: quantiles.state, pick: (value) => `toFloat64(${value}[${position}])` };
  });
  return { aggregations, states };
}

/** The aggregate over rows, finished. */
export function finishedSql({ name, ...state }: AggregateState): string {
  return called(name, state);
}

/** The state over rows, to be merged. */
export function stateSql({ name, ...state }: AggregateState): string {
  return called(`${name}State`, state);
}

/** The aggregate over the states in a column. */
export function mergedSql({ name, parameters }: AggregateState, column: string): string {
  return `${name}Merge${listed(parameters)}(${column})`;
}

/** An array of states, one for each of `steps` positions; `position` says which one takes a row. */
export function statesByStepSql(state: AggregateState, position: string, steps: number): string {
  const { name, parameters, args, condition } = state;
  const resampled = { parameters: [...parameters, '0', String(steps), '1'], args: [...args, position] };
  return called(`${name}StateResample`, condition === undefined ? resampled : { ...resampled, condition });
}

/** The aggregate over an array of states. */
export function mergedArraySql({ name, parameters }: AggregateState, column: string): string {
  return `arrayReduce('${name}Merge${listed(parameters)}', ${column})`;
}

export function isPercentile({ function: name }: Aggregation): boolean {
  return name === 'quantile' || LEVELS[name] !== undefined;
}

/** A level is no parameter of the store's functions: this number's digits, whatever it was read from. */
function levelLiteral(level: number): string {
  return level.toFixed(6);
}

function called(name: string, { parameters, args, condition }: Omit<AggregateState, 'name'>): string {
  const all = condition === undefined ? args : [...args, condition];
  return `${name}${condition === undefined ? '' : 'If'}${listed(parameters)}(${all.join(', ')})`;
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? '' : `(${items.join(', ')})`;
}

function conditional(
  name: string,
  args: readonly string[],
  condition: string | undefined,
  parameters: readonly string[] = [],
): AggregateState {
  return { name, parameters, args, ...(condition === undefined ? {} : { condition }) };
}

/** Of all values, or of a sample where a group or step has more than 8192: the rank's standard error is at most 0.6 %. */
function percentileState(
  number: string,
  condition: string | undefined,
  levels: readonly string[],
  exact: boolean,
): AggregateState {
  return exact
    ? conditional('quantilesExactInclusive', [number], condition, levels)
    : conditional('quantiles', [`toFloat32(${number})`], condition, levels);
}

function stateOf(
  { function: name }: Aggregation,
  field: FieldSql | undefined,
  source: RecordSource,
  condition: string | undefined,
): AggregateState {
  if (field === undefined) return conditional('count', [], condition);
  const label = field.label(field.key);
  if (name === 'count' || name === 'rate') return conditional('count', [], allOf(`${label} != ''`, condition));
  // Exact up to tens of thousands of values, an estimate beyond.
  if (name === 'distinct') return conditional('uniq', [field.key], allOf(`${label} != ''`, condition));
  const number = field.number ?? 'nan';
  const finite = allOf(...finiteNumber(number), condition);
  if (name === 'last') return conditional('argMaxOrNull', [number, source.time], finite);
  return conditional(`${name}OrNull`, [number], finite);
}

/** Columns of numbers are finite as they are; text may be no number at all. */
export function finiteNumber(number: string): string[] {
  return number.startsWith('toFloat64(') ? [] : [`isFinite(${number})`];
}

function allOf(...conditions: readonly (string | undefined)[]): string | undefined {
  const demanded = conditions.filter((c) => c !== undefined);
  return demanded.length === 0 ? undefined : demanded.join(' AND ');
}

function fieldOf(aggregation: Aggregation, i: number, source: RecordSource): FieldSql | undefined {
  const { function: name, field } = aggregation;
  if (name === 'increase' || name === 'delta') {
    throw problem(
      i,
      'function',
      `${name} is of metrics; of records there are count, rate, sum, avg, percentiles and more`,
    );
  }
  if (field === '') {
    if (name === 'count' || name === 'rate') return undefined;
    throw problem(i, 'field', `${name} needs a field, such as ${name}(duration)`);
  }
  const found = source.field(field);
  if (found.number !== undefined || COUNTING.has(name)) return found;
  throw problem(i, 'field', `${field} is no number; of it there are count and distinct`);
}

function levelOf({ function: name, level }: Percentile, i: number): number | undefined {
  if (name !== 'quantile') return LEVELS[name];
  if (level === undefined) throw problem(i, 'level', 'quantile needs a level between 0 and 1');
  return level;
}

function unitOf({ function: name, field }: Aggregation, { signal }: QueryPart, found: FieldSql | undefined): string {
  if (name === 'rate') return '1/s';
  if (name === 'count') return COUNTED[signal];
  if (name === 'distinct') return '{value}';
  return field === '' ? '' : (found?.unit ?? '');
}

function problem(i: number, key: string, message: string): ValidationError {
  return new ValidationError([{ path: `aggregations.${i}.${key}`, code: 'invalid_value', message }]);
}
