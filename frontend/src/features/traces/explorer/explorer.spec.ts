import { describe, expect, it } from 'vitest';
import { redTable, spanTable } from './tables.js';
import { selectionOf } from './use-comparison.js';
import { parseRegion } from './use-traces-state.js';

describe('a region in the URL', () => {
  it('is four numbers in order', () =>
    expect(parseRegion('10,20,5,6')).toEqual({ fromMs: 10, toMs: 20, low: 5, high: 6 }));

  it.each(['', '1,2,3', '1,2,3,4,5', '20,10,5,6', '10,20,6,5', 'a,b,c,d', '10,20,-1,6', '10,20,5,'])(
    '%s is none',
    (text) => expect(parseRegion(text)).toBeNull(),
  );
});

describe('what is compared with the rest', () => {
  it('are the spans of a region, to the nanosecond, or of a filter', () => {
    const region = { fromMs: 10, toMs: 20, low: 1_189_207, high: 2_000_000 };
    expect(selectionOf({ region, filter: '' })).toEqual({
      filter: 'duration>=1189207ns AND duration<2000000ns',
      range: { from: '10', to: '20' },
    });
    expect(selectionOf({ region: null, filter: 'status:error' })).toEqual({ filter: 'status:error' });
    expect(selectionOf({ region: null, filter: '' })).toBeNull();
  });
});

describe('a file of what is shown', () => {
  it('has the columns of choice behind those of every span', () => {
    const span = {
      traceId: 't',
      spanId: 's',
      parentSpanId: '',
      name: 'GET /',
      kind: 'server' as const,
      serviceName: 'shop',
      startTime: '2026-03-04T12:00:00.000Z',
      startTimeUnixNano: '1',
      durationNs: '5',
      statusCode: 'ok' as const,
      statusMessage: '',
      values: ['/', null],
    };
    const table = spanTable([span], ['http.route', 'host.name']);
    expect(table.columns.slice(-2)).toEqual(['http.route', 'host.name']);
    expect(table.rows[0]?.slice(-3)).toEqual(['ok', '/', null]);
    expect(table.rows[0]).toHaveLength(table.columns.length);
  });

  it('has a row per group', () => {
    const row = {
      labels: ['shop'],
      count: 10,
      rate: 0.5,
      errors: 1,
      p50Ns: 5,
      p95Ns: null,
      p99Ns: null,
      counts: [],
      errorCounts: [],
      p95s: [],
    };
    const table = redTable([row], ['service.name']);
    expect(table.rows).toEqual([['shop', 10, 0.5, 1, 5, null, null]]);
    expect(table.columns).toHaveLength(7);
  });
});
