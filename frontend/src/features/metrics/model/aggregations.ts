import type { MetricAggregation, MetricType } from '@telemetryflow/contracts';

const POINTS: readonly MetricAggregation[] = ['avg', 'min', 'max', 'sum', 'last', 'count'];
const DISTRIBUTION: readonly MetricAggregation[] = ['p95', 'p50', 'p90', 'p99', 'avg', 'max', 'min', 'rate', 'count'];

/** What makes sense for each type; the first is what a metric of that type is shown as. */
const BY_TYPE: Readonly<Record<MetricType, readonly MetricAggregation[]>> = {
  counter: ['rate', 'increase'],
  gauge: POINTS,
  up_down_counter: POINTS,
  histogram: DISTRIBUTION,
  exponential_histogram: DISTRIBUTION,
  summary: ['p95', 'p50', 'p90', 'p99', 'avg', 'rate', 'count'],
};

export function aggregationsOf(type: MetricType): readonly MetricAggregation[] {
  return BY_TYPE[type];
}

/** The chosen aggregation if it suits the type, else the type's own. */
export function aggregationFor(type: MetricType, chosen: string): MetricAggregation {
  const fitting = BY_TYPE[type];
  return fitting.find((aggregation) => aggregation === chosen) ?? fitting[0] ?? 'avg';
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
