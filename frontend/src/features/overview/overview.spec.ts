import type { OverviewResponse, Service } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { sortServices } from './sort-services.js';
import { overviewSeries } from './series.js';

const service = (name: string, more: Partial<Service> = {}): Service => ({
  name,
  lastSeen: '2026-03-04T12:00:00Z',
  signals: [],
  spanCount: 10,
  errorCount: 0,
  requestCount: 0,
  requestErrorCount: 0,
  requestRate: 0,
  p50DurationNs: null,
  p95DurationNs: null,
  p99DurationNs: null,
  ...more,
});

describe('services', () => {
  const rows = [
    service('b', { errorCount: 5, p95DurationNs: '9' }),
    service('a', { errorCount: 1, spanCount: 1, p95DurationNs: '10' }),
    service('c', { spanCount: 0 }),
  ];
  const names = (sort: Parameters<typeof sortServices>[1]) =>
    sortServices(rows, sort)
      .map(({ name }) => name)
      .join('');

  it('sort by share of errors, by latency as a number, and by name', () => {
    expect(names({ by: 'errorRate', descending: true })).toBe('abc');
    expect(names({ by: 'p95DurationNs', descending: true })).toBe('abc');
    expect(names({ by: 'name', descending: true })).toBe('cba');
  });

  it('stand by name where they are equal', () => expect(names({ by: 'requestRate', descending: true })).toBe('abc'));
});

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
