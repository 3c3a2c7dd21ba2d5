import type { OverviewResponse } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import { overviewSeries } from './series.js';

it('turns counts into rates, and leaves a gap where there were no requests', () => {
  const point = { errors: 3, p95Ms: 250, logs: 7 };
  const data = {
    stepMs: 30_000,
    points: [
      { time: 0, requests: 60, ...point },
      { time: 30_000, requests: 0, errors: 0, p95Ms: null, logs: 0 },
    ],
  } as OverviewResponse;
  expect(overviewSeries(data)).toEqual({
    requests: [
      [0, 2],
      [30_000, 0],
    ],
    errorRate: [
      [0, 5],
      [30_000, null],
    ],
    p95: [
      [0, 0.25],
      [30_000, null],
    ],
    logs: [
      [0, 7],
      [30_000, 0],
    ],
  });
});
