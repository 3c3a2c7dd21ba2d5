import { Injectable } from '@nestjs/common';
import { MetricType, type Series, type TimeseriesQuery, type TimeseriesResponse } from '@telemetryflow/contracts';
import { ValidationError } from '../../../../shared/platform/index.js';
import {
  compileExponentialSeries,
  compileHistogramSeries,
  compileSummaryQuantile,
  compileTotalsSeries,
} from '../compiler/distribution-series.js';
import { compileNumberSeries, quantileOf } from '../compiler/number-series.js';
import {
  compileSampleInterval,
  compileSeriesSummary,
  DISTRIBUTION_TYPES,
  type SeriesQuery,
} from '../compiler/series.js';
import { parseRange, type TimeRange } from '../range.js';
import { autoStepForSamples, bucketStarts, parseStepMs } from '../step.js';
import { parseFilter, TelemetryStore, withFilterErrors, type ReadScope } from '../store.js';
import {
  aggregateDistribution,
  exponentialRowBuckets,
  histogramBuckets,
  type ExponentialRow,
  type HistogramRow,
  type TotalsRow,
} from './distribution.js';
import type { Bucket } from './quantile.js';

const MAX_SERIES = 100;
const MAX_GROUP_KEYS = 10;

/** One value of one group. */
interface Point {
  readonly labels: readonly string[];
  readonly time: number;
  readonly value: number | null;
}
interface NumberRow {
  readonly labels: string[];
  readonly time: string;
  readonly value: number | null;
}

/** Metrics over time. What each aggregation means for each metric type is said at the compilers. */
@Injectable()
export class TimeseriesReader {
  constructor(private readonly store: TelemetryStore) {}

  /** @throws ValidationError (range, step, groupBy), DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async read(query: TimeseriesQuery, scope: ReadScope, nowMs = Date.now()): Promise<TimeseriesResponse> {
    const range = parseRange(query, nowMs);
    const askedStepMs = parseStepMs(query.step, range);
    const groupBy = parseGroupBy(query.groupBy);
    const filter = parseFilter(query.filter);
    const selection = { tenantId: scope.tenantId, metricName: query.metricName, filter, groupBy };
    const statement = withFilterErrors(() => compileSeriesSummary(selection));
    const [summary] = await this.store.query<{ type: string; unit: string; groups: string }>(statement, scope);
    if (summary === undefined) return { series: [], stepMs: askedStepMs, unit: '', type: null, truncated: false };
    const type = MetricType.parse(summary.type);
    const { aggregation } = query;
    const asked = { ...selection, type, range, stepMs: askedStepMs, aggregation, maxGroups: MAX_SERIES };
    const isAuto = query.step === 'auto';
    const intervalMs = isAuto || aggregation === 'rate' ? await this.sampleInterval(asked, scope) : undefined;
    const stepMs = isAuto ? autoStepForSamples(range, intervalMs) : askedStepMs;
    const points = await this.points({ ...asked, stepMs }, scope);
    const values = aggregation === 'rate' ? points.map((point) => perSecond(point, range, stepMs, intervalMs)) : points;
    return {
      series: toSeries(values, groupBy, bucketStarts(range, stepMs)),
      stepMs,
      unit: unitOf(summary.unit, type, query),
      type,
      truncated: Number(summary.groups) > MAX_SERIES,
    };
  }

  private async sampleInterval(query: SeriesQuery, scope: ReadScope): Promise<number | undefined> {
    const [row] = await this.store.query<{ intervalMs: number }>(compileSampleInterval(query), scope);
    return row?.intervalMs;
  }

  private async points(query: SeriesQuery, scope: ReadScope): Promise<Point[]> {
    const quantile = quantileOf(query.aggregation);
    switch (query.type) {
      case 'histogram':
        return this.distribution<HistogramRow>(query, quantile, compileHistogramSeries, histogramBuckets, scope);
      case 'exponential_histogram':
        return this.distribution<ExponentialRow>(
          query,
          quantile,
          compileExponentialSeries,
          exponentialRowBuckets,
          scope,
        );
      case 'summary':
        if (quantile !== undefined) return this.numbers(compileSummaryQuantile(query, quantile), scope);
        return this.distribution<TotalsRow>(query, undefined, compileTotalsSeries, () => [], scope);
      default:
        return this.numbers(compileNumberSeries(query), scope);
    }
  }

  private async numbers(statement: ReturnType<typeof compileNumberSeries>, scope: ReadScope): Promise<Point[]> {
    const rows = await this.store.query<NumberRow>(statement, scope);
    return rows.map(({ labels, time, value }) => ({ labels, time: Number(time), value }));
  }

  /** Buckets are only read when a percentile is asked for. */
  private async distribution<Row extends TotalsRow>(
    query: SeriesQuery,
    quantile: number | undefined,
    compile: typeof compileTotalsSeries,
    bucketsOf: (row: Row) => Bucket[],
    scope: ReadScope,
  ): Promise<Point[]> {
    const withBuckets = quantile !== undefined;
    const rows = await this.store.query<Row>((withBuckets ? compile : compileTotalsSeries)(query), scope);
    const groups = Map.groupBy(rows, (row) => JSON.stringify([row.labels, row.time]));
    return [...groups.values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const value = aggregateDistribution(query.aggregation, group, withBuckets ? group.flatMap(bucketsOf) : []);
      return [{ labels: first.labels, time: Number(first.time), value }];
    });
  }
}

/** @throws ValidationError naming `groupBy` */
function parseGroupBy(text: string): string[] {
  const keys = [...new Set(text.split(',').map((key) => key.trim()))].filter((key) => key !== '');
  if (keys.length <= MAX_GROUP_KEYS) return keys;
  throw new ValidationError([
    { path: 'groupBy', code: 'too_big', message: `must name at most ${MAX_GROUP_KEYS} attribute keys` },
  ]);
}

/**
 * Growth per second. A sample tells of all that happened since the one before it: the growth that falls into a step is
 * divided by the part of the step that the range covers (the newest one is usually cut short by `now`), but by no less
 * than the samples' distance.
 */
function perSecond(point: Point, range: TimeRange, stepMs: number, intervalMs = stepMs): Point {
  const from = Math.max(point.time, Number(range.fromNs) / 1e6);
  const to = Math.min(point.time + stepMs, Number(range.toNs) / 1e6);
  const overMs = Math.max(to - from, intervalMs);
  return { ...point, value: point.value === null ? null : (point.value * 1000) / overMs };
}

function toSeries(points: readonly Point[], groupBy: readonly string[], starts: readonly number[]): Series[] {
  return [...Map.groupBy(points, (point) => JSON.stringify(point.labels)).values()].map((group) => {
    const values = new Map(group.map((point) => [point.time, point.value]));
    return {
      labels: Object.fromEntries(groupBy.map((key, i) => [key, group[0]?.labels[i] ?? ''])),
      points: starts.map((start): [number, number | null] => [start, values.get(start) ?? null]),
    };
  });
}

/** Counts have no unit of their own; a rate is per second, and that of a distribution is how often it was observed. */
function unitOf(unit: string, type: MetricType, { aggregation }: TimeseriesQuery): string {
  if (aggregation === 'count') return '{count}';
  if (aggregation !== 'rate') return unit;
  return `${DISTRIBUTION_TYPES.has(type) ? '{observation}' : unit || '1'}/s`;
}
