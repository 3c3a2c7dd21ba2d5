import { describe, expect, it } from 'vitest';
import { ValidationError } from '../../../../shared/platform/index.js';
import { bucketsOf, usageRange } from './usage-range.js';

const now = new Date('2026-03-15T10:20:30Z');
const shown = (query: Parameters<typeof usageRange>[0]) =>
  bucketsOf(usageRange(query, now)).map((at) => at.toISOString());

describe('usageRange', () => {
  it.each([
    ['hour', 25, '2026-03-14T10:00:00.000Z'],
    ['day', 31, '2026-02-13T00:00:00.000Z'],
    ['month', 4, '2025-12-01T00:00:00.000Z'],
  ] as const)('without bounds has %s buckets up to now', (bucket, count, first) => {
    const buckets = shown({ bucket });
    expect(buckets).toHaveLength(count);
    expect(buckets[0]).toBe(first);
  });

  it('has a bucket for each part, whole or not, and none at the exclusive end', () => {
    expect(shown({ bucket: 'day', from: '2026-03-01T23:59:59Z', to: '2026-03-03T00:00:00Z' })).toEqual([
      '2026-03-01T00:00:00.000Z',
      '2026-03-02T00:00:00.000Z',
    ]);
    expect(shown({ bucket: 'month', from: '2025-12-31T23:00:00Z', to: '2026-02-01T00:00:00.001Z' })).toEqual([
      '2025-12-01T00:00:00.000Z',
      '2026-01-01T00:00:00.000Z',
      '2026-02-01T00:00:00.000Z',
    ]);
  });

  it.each([
    [{ from: '2026-03-02T00:00:00Z', to: '2026-03-02T00:00:00Z' }, 'hour'],
    [{ from: '2026-03-16T00:00:00Z' }, 'hour'],
    [{ from: '2026-02-12T00:00:00Z' }, 'hour'],
    [{ from: '2025-03-01T00:00:00Z' }, 'day'],
    [{ from: '1970-01-01T00:00:00Z' }, 'month'],
  ] as const)('refuses %j by %s', (bounds, bucket) => {
    expect(() => usageRange({ ...bounds, bucket }, now)).toThrow(ValidationError);
  });
});
