import type { MetricName } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import { catalogueOf } from './catalogue.js';

const metric = (name: string, seriesCount: number, lastSeen: string, description = ''): MetricName => ({
  name,
  type: 'gauge',
  unit: 'By',
  description,
  temporality: 'unspecified',
  seriesCount,
  services: [],
  attributeKeys: [],
  lastSeen,
});
const all = [
  metric('a.memory', 1, '2026-01-01T00:00:02Z', 'Used heap.'),
  metric('b.memory', 9, '2026-01-01T00:00:01Z'),
  metric('c.disk', 9, '2026-01-01T00:00:03Z'),
];
const names = (...[search, order]: [string, Parameters<typeof catalogueOf>[2]]) =>
  catalogueOf(all, search, order).map(({ name }) => name);

it('finds every word anywhere', () => {
  expect(names('MEMORY', 'name')).toEqual(['a.memory', 'b.memory']);
  expect(names('heap gauge', 'name')).toEqual(['a.memory']);
  expect(names('heap disk', 'name')).toEqual([]);
});

it('orders by series and by when they came in, equal ones by name', () => {
  expect(names('', 'series')).toEqual(['b.memory', 'c.disk', 'a.memory']);
  expect(names('', 'newest')).toEqual(['c.disk', 'a.memory', 'b.memory']);
  expect(all.map(({ name }) => name)).toEqual(['a.memory', 'b.memory', 'c.disk']);
});
