import type { Service } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import { errorsOf, sortServices } from './sort-services.js';

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
const rows = [
  service('b', { errorCount: 5, p95DurationNs: '9' }),
  service('a', { requestCount: 1, requestErrorCount: 1, p95DurationNs: '10' }),
  service('c', { spanCount: 0 }),
];
const names = (sort: Parameters<typeof sortServices>[1]) =>
  sortServices(rows, sort)
    .map(({ name }) => name)
    .join('');

it('sorts by share of errors, by latency as a number, and by name', () => {
  expect(names({ by: 'errorRate', descending: true })).toBe('abc');
  expect(names({ by: 'p95DurationNs', descending: true })).toBe('abc');
  expect(names({ by: 'name', descending: true })).toBe('cba');
});
it('keeps equal rows by name', () => expect(names({ by: 'requestRate', descending: true })).toBe('abc'));
it('counts errors among requests, and among spans where there is none', () => {
  expect(errorsOf(service('x', { errorCount: 4, requestCount: 2, requestErrorCount: 1 }))).toEqual({
    errors: 1,
    total: 2,
  });
  expect(errorsOf(service('x', { errorCount: 4 }))).toEqual({ errors: 4, total: 10 });
});
