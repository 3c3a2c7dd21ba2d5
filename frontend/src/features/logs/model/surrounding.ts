import { formatValue, type LogRecord, type MetricName, type MetricType } from '@telemetryflow/contracts';
import { PART_LABELS, type QueryPartInput } from '../../../lib/telemetry-query.js';

/** Names that tell most of how a process was doing, most telling first. */
const TELLING = [/cpu/, /memory|heap/, /request|server|rpc/, /queue|lag|pool|connection/, /gc|eventloop/, /error|fail/];

type AggregationOf = NonNullable<QueryPartInput['aggregations']>[number]['function'];
const AGGREGATIONS: Readonly<Record<MetricType, AggregationOf>> = {
  gauge: 'avg',
  up_down_counter: 'avg',
  counter: 'rate',
  summary: 'avg',
  histogram: 'p95',
  exponential_histogram: 'p95',
};

/** The metrics worth showing beside a log record. */
export function tellingMetrics(metrics: readonly MetricName[], most: number): MetricName[] {
  const rank = ({ name }: MetricName) => {
    const at = TELLING.findIndex((pattern) => pattern.test(name));
    return at < 0 ? TELLING.length : at;
  };
  return [...metrics].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1)).slice(0, most);
}

export interface SurroundingChart {
  readonly label: string;
  readonly title: string;
  readonly part: QueryPartInput;
  /** Of its series, all of something first, what of it failed second. */
  readonly names?: readonly string[];
}

/** What is asked to show how a record's service was doing: its requests, then its metrics; at most eight parts. */
export function surroundingCharts(
  record: Pick<LogRecord, 'serviceName'>,
  metrics: readonly MetricName[],
  may: { traces: boolean; metrics: boolean },
  words: { requests: string; latency: string; all: string; failed: string },
): SurroundingChart[] {
  const service = `service.name:${formatValue(record.serviceName)}`;
  const requests = `${service} (kind:server OR kind:consumer)`;
  const spans: Omit<SurroundingChart, 'label'>[] = [
    {
      title: words.requests,
      names: [words.all, words.failed],
      part: {
        signal: 'spans',
        filter: requests,
        aggregations: [{ function: 'rate' }, { function: 'rate', where: 'status:error' }],
      },
    },
    {
      title: words.latency,
      part: { signal: 'spans', filter: requests, aggregations: [{ function: 'p95', field: 'duration' }] },
    },
  ];
  const of = ({ name, type }: MetricName): Omit<SurroundingChart, 'label'> => ({
    title: `${AGGREGATIONS[type]} ${name}`,
    part: { signal: 'metrics', metric: name, filter: service, aggregations: [{ function: AGGREGATIONS[type] }] },
  });
  const shown = [...(may.traces ? spans : []), ...(may.metrics ? metrics.map(of) : [])];
  return shown.slice(0, PART_LABELS.length).map((chart, i) => {
    const label = PART_LABELS[i] ?? 'A';
    return { ...chart, label, part: { ...chart.part, label } };
  });
}
