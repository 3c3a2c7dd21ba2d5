import { Injectable } from '@nestjs/common';
import { formatTfql, type QueryNote } from '@telemetryflow/contracts';
import { ExpiringMap } from '../../../../../shared/platform/expiring-map.js';
import type { PartPlanner, PartRequest, PlannedPart, Run } from '../../engine/part.js';
import type { TimeRange } from '../../range.js';
import { planDistributions } from './distribution-part.js';
import { findMetric, namesIn, prometheusNames, renameIn, type Metric } from './metric.js';
import { planNumbers } from './number-part.js';
import { planPoints } from './points.js';
import { columnsOf, orderOf, refuseUnanswerable, type MetricQuestion } from './question.js';
import { compileMetricTypes, compileSampleInterval, DISTRIBUTION_TYPES } from './selection.js';

const HOUR_NS = 3_600_000_000_000n;
const MINUTE_NS = 60_000_000_000;
/** What kind of metric something is, and how often it is sent, hardly ever changes. */
const REMEMBERED = { ttlMs: 60_000, maxEntries: 5_000 };

/**
 * Plans parts of the signal `metrics`. It looks up the metric's type, because that decides what an aggregation means,
 * and which names are meant by Prometheus' spellings of them.
 */
@Injectable()
export class MetricPlanner implements PartPlanner {
  /** By tenant and name. Only what is there is remembered: a metric that is sent for the first time is found at once. */
  readonly #metrics = new ExpiringMap<Metric>(REMEMBERED);
  readonly #intervals = new ExpiringMap<number>(REMEMBERED);

  async plan(request: PartRequest, run: Run): Promise<PlannedPart> {
    const { part, tenantId } = request;
    const metric = await this.#find(tenantId, part.metric, run);
    if (metric === undefined) return unknownMetric(request);
    if (part.aggregations.length > 0) refuseUnanswerable(part, metric.type);
    const question = await resolve(request, metric, run);
    const planned = plannerOf(question)(question);
    const notes = mixedTypes(metric, part.label);
    return {
      ...planned,
      answer: async (execute) => {
        const answer = await planned.answer(execute);
        return { ...answer, notes: [...(answer.notes ?? []), ...notes] };
      },
    };
  }

  /** Undefined when no series has two samples in the range. @throws TfqlSyntaxError in the filter */
  async sampleIntervalMs(request: Omit<PartRequest, 'steps'>, run: Run): Promise<number | undefined> {
    const metric = await this.#find(request.tenantId, request.part.metric, run);
    if (metric === undefined) return undefined;
    const { selection } = await resolve({ ...request, steps: null }, metric, run);
    const range = newestPart(request.range);
    const { tenantId, filter } = selection;
    // The filter as text: with the places of its parts it takes many times the memory, and is another with each blank.
    const known = JSON.stringify([tenantId, metric.name, metric.type, formatTfql(filter), ...inMinutes(range)]);
    const remembered = this.#intervals.get(known);
    if (remembered !== undefined) return remembered;
    const [row] = await run<{ intervalMs: number }>(compileSampleInterval({ ...selection, groupBy: [], range }));
    if (row !== undefined) this.#intervals.set(known, row.intervalMs);
    return row?.intervalMs;
  }

  async #find(tenantId: string, name: string, run: Run): Promise<Metric | undefined> {
    const key = `${tenantId} ${name}`;
    const known = this.#metrics.get(key);
    if (known !== undefined) return known;
    const found = await findMetric(tenantId, name, run);
    if (found !== undefined) this.#metrics.set(key, found);
    return found;
  }
}

/** Two ranges that are this near have the same rhythm. */
function inMinutes({ fromNs, toNs }: TimeRange): number[] {
  return [fromNs, toNs].map((ns) => Math.round(Number(ns) / MINUTE_NS));
}

/** Its rhythm is that of the rest, and reading it costs little beside the answer. */
function newestPart({ fromNs, toNs }: TimeRange): TimeRange {
  const eighth = (toNs - fromNs) / 8n;
  const width = eighth > HOUR_NS ? eighth : HOUR_NS;
  return { fromNs: toNs - width > fromNs ? toNs - width : fromNs, toNs };
}

function plannerOf({ part, metric }: MetricQuestion): (question: MetricQuestion) => PlannedPart {
  if (part.aggregations.length === 0) return planPoints;
  return DISTRIBUTION_TYPES.has(metric.type) ? planDistributions : planNumbers;
}

async function resolve(request: PartRequest, metric: Metric, run: Run): Promise<MetricQuestion> {
  const { part, tenantId, filter, wheres, range, steps, onlyGroups } = request;
  const names = [...part.groupBy, ...part.fields, ...[filter, ...wheres].flatMap(namesIn)];
  const rename = await prometheusNames(tenantId, metric.name, names, run);
  return {
    part: { ...part, fields: part.fields.map(rename) },
    metric,
    wheres: wheres.map((where) => renameIn(where, rename)),
    steps,
    order: part.aggregations.length === 0 ? { by: { aggregation: 0 }, direction: 'desc' } : orderOf(part),
    selection: {
      tenantId,
      metricName: metric.name,
      type: metric.type,
      hasOneType: metric.otherTypes.length === 0,
      filter: renameIn(filter, rename),
      groupBy: part.groupBy.map(rename),
      range,
      ...(onlyGroups === undefined ? {} : { onlyGroups }),
    },
  };
}

/** A metric that nothing has sent is an empty answer. */
function unknownMetric({ part, tenantId }: PartRequest): PlannedPart {
  const columns = columnsOf({
    part,
    metric: { name: part.metric, type: 'gauge', unit: '', series: 0, otherTypes: [] },
  });
  const message = `There is no metric ${part.metric}`;
  const notes: QueryNote[] = [{ label: part.label, code: 'unknown_metric', message, suggestions: [] }];
  return {
    table: 'series_v3',
    statements: [compileMetricTypes(tenantId, part.metric)],
    answer: () =>
      Promise.resolve(
        part.aggregations.length === 0
          ? { kind: 'rows', columns: [], rows: [], truncated: false, notes }
          : { kind: 'groups', columns, groups: [], totalGroups: 0, notes },
      ),
  };
}

function mixedTypes({ name, type, otherTypes }: Metric, label: string): QueryNote[] {
  if (otherTypes.length === 0) return [];
  const words = (text: string) => text.replaceAll('_', ' ');
  const message = `${name} is sent as ${words(type)} and as ${otherTypes.map(words).join(', ')}; only the ${words(type)} is read`;
  return [{ label, code: 'mixed_types', message, suggestions: [] }];
}
