import { MetricType } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { aggregationFor, aggregationsOf, showsValues, stepsFor } from './aggregations.js';

describe('aggregations', () => {
  it.each([
    ['counter', 'rate'],
    ['gauge', 'avg'],
    ['up_down_counter', 'sum'],
    ['histogram', 'p95'],
    ['exponential_histogram', 'p95'],
    ['summary', 'p95'],
  ] as const)('%s begins with %s', (type, aggregation) => expect(aggregationFor(type, '')).toBe(aggregation));

  it('keep a choice that suits the type and no other', () => {
    expect(aggregationFor('histogram', 'p99')).toBe('p99');
    expect(aggregationFor('counter', 'p99')).toBe('rate');
  });

  it('exist for every type', () => {
    for (const type of MetricType.options) expect(aggregationsOf(type).length).toBeGreaterThan(0);
  });
});

it('steps suit the range', () => {
  expect(stepsFor(1_800_000)).toEqual(['auto', '10s', '30s', '1m', '5m', '15m']);
  expect(stepsFor(30 * 86_400_000)).toEqual(['auto', '1h', '6h', '1d']);
});

it('places measurements where values are drawn, not their growth', () => {
  expect(showsValues('histogram', 'p95')).toBe(true);
  expect(showsValues('gauge', 'avg')).toBe(true);
  expect(showsValues('histogram', 'rate')).toBe(false);
  expect(showsValues('counter', 'last')).toBe(false);
});
