import type { Distribution } from '@telemetryflow/contracts';
import type { PartRequest } from '../../engine/part.js';
import { Parameters, type Statement } from '../parameters.js';
import { finiteNumber } from './aggregates.js';
import { onlyGroups, type SourceOf } from './groups.js';
import { stepPosition } from './steps.js';

/** Buckets of values are powers of 2 to the sixteenth part: within 4.5 %, the same for every part and step. */
const PER_OCTAVE = 16;
/** Added to the bucket of a positive value, so that 0 and the negative ones have theirs; beyond any double's. */
const OFFSET = 1_000_000;
/** What a chart can show; buckets are joined by twos until they are so few. */
export const MAX_BUCKETS = 64;

/** A row of a statement of histograms. */
export interface HistogramRow {
  readonly labels: string[];
  readonly cells: [step: number, bucket: number, records: number][];
}

/**
 * Counts by group, step and bucket of the values of the part's `i`th aggregation, for the request's `onlyGroups` or all.
 */
export function compileHistogram(request: PartRequest, i: number, sourceOf: SourceOf): Statement {
  const params = new Parameters(request.tenantId);
  const source = sourceOf(params);
  const keys = request.part.groupBy.map((name) => source.field(name));
  const number = source.field(request.part.aggregations[i]?.field ?? '').number ?? 'nan';
  const where = request.wheres[i];
  const conditions = [
    ...finiteNumber(number),
    ...(where === undefined || where.kind === 'all' ? [] : [source.condition(where)]),
  ];
  const step = request.steps === null ? 'toUInt16(0)' : stepPosition(request.steps, source.time, request.range, params);
  const names = keys.map((_, k) => `k${k}`);
  const labels = keys.map((key, k) => key.label(`k${k}`));
  return params.statement(`SELECT CAST([${labels.join(', ')}], 'Array(String)') AS labels, groupArray((step, bucket, toFloat64(records))) AS cells
FROM (
  SELECT ${[...keys.map(({ key }, k) => `${key} AS k${k}`), `${step} AS step`, `${bucketOf(number)} AS bucket`, 'count() AS records'].join(', ')}
  ${source.from().replaceAll('\n', '\n  ')}${conditions.map((c) => `\n  AND ${c}`).join('')}${onlyGroups(request, keys, params)}
  GROUP BY ${[...names, 'step', 'bucket'].join(', ')}
)
${names.length === 0 ? 'HAVING notEmpty(cells)' : `GROUP BY ${names.join(', ')}`}`);
}

/** Counts in buckets that adjoin each other, from the lowest to the highest that holds anything. */
export function readDistribution(cells: HistogramRow['cells'], steps: number): Distribution {
  const sides = cells.map(([step, bucket, records]) => ({ step, records, ...place(bucket) }));
  let width = 1;
  let [negative, positive] = [spanOf(sides, -1, width), spanOf(sides, 1, width)];
  while (length(negative) + length(positive) > MAX_BUCKETS) {
    width *= 2;
    [negative, positive] = [spanOf(sides, -1, width), spanOf(sides, 1, width)];
  }
  const between = sides.some(({ sign }) => sign === 0) || (length(negative) > 0 && length(positive) > 0) ? 1 : 0;
  const buckets = length(negative) + between + length(positive);
  const counts = Array.from({ length: steps }, () => Array.from({ length: buckets }, () => 0));
  for (const { step, records, sign, index } of sides) {
    const joined = Math.floor(index / width);
    const position =
      sign < 0 ? negative.highest - joined : length(negative) + (sign === 0 ? 0 : between + joined - positive.lowest);
    const line = counts[step];
    if (line !== undefined) line[position] = (line[position] ?? 0) + records;
  }
  return { bounds: boundsOf(negative, between, positive, width), counts };
}

interface Span {
  readonly lowest: number;
  readonly highest: number;
}

/** The bucket of a number: the sign, and how many sixteenths of an octave its size is from 1. */
function bucketOf(number: string): string {
  const size = `toInt32(floor(log2(abs(${number})) * ${PER_OCTAVE})) + ${OFFSET}`;
  return `toInt32(if(${number} = 0, 0, if(${number} > 0, 1, -1) * (${size})))`;
}

function place(bucket: number): { sign: -1 | 0 | 1; index: number } {
  if (bucket === 0) return { sign: 0, index: 0 };
  return bucket > 0 ? { sign: 1, index: bucket - OFFSET } : { sign: -1, index: -bucket - OFFSET };
}

function spanOf(sides: readonly { sign: number; index: number }[], sign: -1 | 1, width: number): Span {
  let [lowest, highest] = [Infinity, -Infinity];
  for (const side of sides) {
    if (side.sign !== sign) continue;
    const joined = Math.floor(side.index / width);
    [lowest, highest] = [Math.min(lowest, joined), Math.max(highest, joined)];
  }
  return { lowest, highest };
}

function length({ lowest, highest }: Span): number {
  return highest < lowest ? 0 : highest - lowest + 1;
}

function boundsOf(negative: Span, between: 0 | 1, positive: Span, width: number): number[] {
  const edge = (index: number) => 2 ** ((index * width) / PER_OCTAVE);
  const below = Array.from(
    { length: length(negative) && length(negative) + 1 },
    (_, i) => -edge(negative.highest + 1 - i),
  );
  const above = Array.from({ length: length(positive) && length(positive) + 1 }, (_, i) => edge(positive.lowest + i));
  if (between === 0) return [...below, ...above];
  // What lies between the smallest numbers of both signs is the bucket of zero, which has an end on each side.
  return [...(below.length === 0 ? [0] : below), ...(above.length === 0 ? [below.length === 0 ? 1 : 0] : above)];
}
