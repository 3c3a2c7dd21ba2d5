import { Injectable } from '@nestjs/common';
import { Aggregation, MetricType, type TimeseriesQuery, type TimeseriesResponse } from '@telemetryflow/contracts';
import { ValidationError } from '../../../../shared/platform/index.js';
import { findMetric, type Metric } from '../compiler/metrics/metric.js';
import { MetricPlanner } from '../compiler/metrics/planner.js';
import type { GroupsAnswer, PartRequest, Run } from '../engine/part.js';
import { parseRange } from '../range.js';
import { autoStepForSamples, bucketStarts, parseStepMs } from '../step.js';
import { parseFilter, TelemetryStore, withFilterErrors, type ReadScope } from '../store.js';

const MAX_SERIES = 100;
const MAX_GROUP_KEYS = 10;

/** One metric over time, asked in a URL. What each aggregation means for each metric type is said at the compilers. */
@Injectable()
export class TimeseriesReader {
  private readonly planner = new MetricPlanner();

  constructor(private readonly store: TelemetryStore) {}

  /** @throws ValidationError (range, step, groupBy, aggregation), DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async read(query: TimeseriesQuery, scope: ReadScope, nowMs = Date.now()): Promise<TimeseriesResponse> {
    const range = parseRange(query, nowMs);
    const askedStepMs = parseStepMs(query.step, range);
    const groupBy = parseGroupBy(query.groupBy);
    const filter = parseFilter(query.filter);
    const run: Run = (statement) => this.store.query(statement, scope);
    const metric = await findMetric(scope.tenantId, query.metricName, run);
    if (metric === undefined) return { series: [], stepMs: askedStepMs, unit: '', type: null, truncated: false };
    const { tenantId } = scope;
    const part = partOf(query, metric, groupBy);
    const asked = { tenantId, part, filter, wheres: [{ kind: 'all' as const }], range };
    const isAuto = query.step === 'auto';
    const stepMs = isAuto
      ? autoStepForSamples(range, await this.filtered(() => this.planner.sampleIntervalMs(asked, run)))
      : askedStepMs;
    const starts = bucketStarts(range, stepMs);
    const steps = { stepMs, timeZone: 'UTC', starts };
    const answer = await this.filtered(() => this.groups({ ...asked, steps }, run));
    return {
      series: answer.groups.map(({ labels, series }) => ({
        labels: Object.fromEntries(groupBy.map((key, i) => [key, labels[i] ?? ''])),
        points: starts.map((start, i): [number, number | null] => [start, series?.[0]?.[i] ?? null]),
      })),
      stepMs,
      unit: answer.columns[0]?.unit ?? '',
      type: MetricType.parse(metric.type),
      truncated: answer.totalGroups > MAX_SERIES,
    };
  }

  private async groups(request: PartRequest, run: Run): Promise<GroupsAnswer> {
    const planned = await this.planner.plan(request, run);
    const answer = await planned.answer(run);
    if (answer.kind === 'groups') return answer;
    throw new TypeError('A part with aggregations is answered by groups');
  }

  private async filtered<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      return withFilterErrors(() => {
        throw error;
      });
    }
  }
}

/** In the order of its labels. */
function partOf(query: TimeseriesQuery, metric: Metric, groupBy: string[]): PartRequest['part'] {
  const [key] = groupBy;
  return {
    label: 'A',
    signal: 'metrics',
    metric: metric.name,
    filter: query.filter,
    aggregations: [Aggregation.parse({ function: query.aggregation })],
    groupBy,
    ...(key === undefined ? {} : { order: { by: key, direction: 'asc' as const } }),
    limit: MAX_SERIES,
    fields: [],
    hidden: false,
  };
}

/** @throws ValidationError naming `groupBy` */
function parseGroupBy(text: string): string[] {
  const keys = [...new Set(text.split(',').map((key) => key.trim()))].filter((key) => key !== '');
  if (keys.length <= MAX_GROUP_KEYS) return keys;
  throw new ValidationError([
    { path: 'groupBy', code: 'too_big', message: `must name at most ${MAX_GROUP_KEYS} attribute keys` },
  ]);
}
