import type { MetricType } from '@telemetryflow/contracts';
import type { Show } from './metric-query.js';

const POINTS: readonly Show[] = [
  'avg',
  'min',
  'max',
  'sum',
  'last',
  'count',
  'p50',
  'p95',
  'p99',
  'delta',
  'distinct',
  'heatmap',
];
const DISTRIBUTION: readonly Show[] = [
  'p95',
  'percentiles',
  'heatmap',
  'p50',
  'p75',
  'p90',
  'p99',
  'avg',
  'max',
  'min',
  'rate',
  'increase',
  'count',
  'sum',
];

/** What makes sense for each type; the first is what a metric of that type is shown as. */
const BY_TYPE: Readonly<Record<MetricType, readonly Show[]>> = {
  counter: ['rate', 'increase', 'sum', 'last'],
  gauge: POINTS,
  up_down_counter: ['sum', ...POINTS.filter((show) => show !== 'sum')],
  histogram: DISTRIBUTION,
  exponential_histogram: DISTRIBUTION,
  summary: ['p95', 'p50', 'p90', 'p99', 'avg', 'rate', 'increase', 'count', 'sum'],
};

export function aggregationsOf(type: MetricType): readonly Show[] {
  return BY_TYPE[type];
}

/** The chosen way if it suits the type, else the type's own. */
export function aggregationFor(type: MetricType, chosen: string): Show {
  const fitting = BY_TYPE[type];
  return fitting.find((show) => show === chosen) ?? fitting[0] ?? 'avg';
}

const DISTRIBUTIONS: ReadonlySet<string> = new Set(['histogram', 'exponential_histogram', 'summary']);
const VALUES: ReadonlySet<string> = new Set([
  'heatmap',
  'percentiles',
  'avg',
  'min',
  'max',
  'last',
  'p50',
  'p75',
  'p90',
  'p95',
  'p99',
]);

/** Whether a measurement has a place in the chart: where its own values are drawn, not their growth or number. */
export function showsValues(type: MetricType, show: Show): boolean {
  return VALUES.has(show) && (DISTRIBUTIONS.has(type) || type !== 'counter');
}

export const STEPS = ['auto', '10s', '30s', '1m', '5m', '15m', '1h', '6h', '1d'] as const;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_POINTS = 2_000;

/** The steps that leave a range between two and two thousand points; `auto` always. */
export function stepsFor(rangeMs: number): string[] {
  return STEPS.filter((step) => {
    if (step === 'auto') return true;
    const stepMs = Number.parseInt(step, 10) * (UNIT_MS[step.slice(-1)] ?? 0);
    return rangeMs / stepMs >= 2 && rangeMs / stepMs <= MAX_POINTS;
  });
}

/** Earlier periods to compare with. */
export const PERIODS = ['', '1h', '1d', '7d'] as const;
