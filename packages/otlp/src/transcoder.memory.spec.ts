import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SegmentIdentities, Transcoder, uuidToRowBinary, type Signal } from './index.js';
import { REQUESTS } from './testing/arbitraries.js';
import { snapshot } from './testing/compare.js';
import { REQUEST_TYPES } from './testing/otlp-proto.js';
import { options, request, run, span, text, TIME } from './testing/requests.js';
import { rowsByTable } from './testing/rowbinary-reader.js';

/** What a Transcoder remembers from one request to the next must never show in its rows. */

const encode = (signal: Signal, message: Record<string, unknown>): Uint8Array => {
  const type = REQUEST_TYPES[signal];
  return type.encode(type.fromObject(message)).finish();
};
const fresh = (signal: Signal, body: Uint8Array): unknown =>
  outcome(() => snapshot(new Transcoder().transcode(signal, 'protobuf', body, options())));

/** The rows, or why the body was refused: mutated bodies may be. */
function outcome(transcode: () => unknown): unknown {
  try {
    return transcode();
  } catch (error) {
    return String(error);
  }
}

describe.each<Signal>(['traces', 'logs', 'metrics'])('a transcoder that has seen other %s', (signal) => {
  it('writes what a fresh one writes', () => {
    const pool = fc.array(REQUESTS[signal], { minLength: 1, maxLength: 3 });
    const step = fc.record({ which: fc.nat(2), flip: fc.option(fc.tuple(fc.nat(), fc.nat(7))) });
    fc.assert(
      fc.property(pool, fc.array(step, { minLength: 2, maxLength: 6 }), (messages, steps) => {
        const used = new Transcoder();
        for (const { which, flip } of steps) {
          const body = Uint8Array.from(encode(signal, messages[which % messages.length]!));
          if (flip !== null && body.length > 0) body[flip[0] % body.length]! ^= 1 << flip[1];
          const actual = outcome(() => snapshot(used.transcode(signal, 'protobuf', body, options())));
          expect(actual).toEqual(fresh(signal, body));
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('what is remembered', () => {
  const resource = (name: string): Record<string, unknown> => ({
    attributes: [text('service.name', name), text('host.name', 'a-host-with-a-name')],
  });
  const spans = (name: string): Uint8Array => request('traces', [span()], resource(name), { name: 'the-library' });

  it('tells resources apart that differ in one byte', () => {
    const transcoder = new Transcoder();
    const identities = new SegmentIdentities();
    const names = ['shop-a', 'shop-b', 'shop-a', 'shop-c', 'shop-b'];
    const rows = names.map((name) => {
      const result = transcoder.transcode('traces', 'protobuf', spans(name), options({ identities }));
      expect([...result.services]).toEqual([name]);
      return rowsByTable(result.blocks);
    });
    expect(rows.map((tables) => tables.spans_v3[0]!['service_name'])).toEqual(names);
    expect(rows.map((tables) => tables.resources_v3.length)).toEqual([1, 1, 0, 1, 0]);
    expect(new Set(rows.map((tables) => tables.spans_v3[0]!['resource_id'])).size).toBe(3);
  });

  it('writes a known resource and scope again for another tenant and for another segment', () => {
    const transcoder = new Transcoder();
    const identities = new SegmentIdentities();
    const other = uuidToRowBinary('01890a5d-ac96-774b-bcce-b302099a8058');
    const rows = (over = {}): unknown => {
      const result = transcoder.transcode('traces', 'protobuf', spans('shop'), options({ identities, ...over }));
      const { resources_v3, scopes_v3 } = rowsByTable(result.blocks);
      return [resources_v3, scopes_v3].map((table) => table.map(({ tenant_id, ...row }) => [tenant_id !== '', row]));
    };
    const first = rows();
    expect(first).toMatchObject([[[true, { service_name: 'shop' }]], [[true, { name: 'the-library' }]]]);
    expect(rows()).toEqual([[], []]);
    expect(rows({ tenantId: other })).toEqual(first);
    expect(rows({ tenantId: other })).toEqual([[], []]);
    identities.clear();
    expect(rows()).toEqual(first);
  });

  it('tells tenants apart whose ids have the same hash', () => {
    const identities = new SegmentIdentities();
    const transcoder = new Transcoder();
    // 31 * 0 + 31 = 31 * 1 + 0, and so on: the hash of an id is a polynomial in 31.
    const ids = [
      [0, 0, 62],
      [0, 1, 31],
      [0, 2, 0],
    ].map((tail) => Uint8Array.of(7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, ...tail));
    const written = (tenantId: Uint8Array): number =>
      rowsByTable(transcoder.transcode('traces', 'protobuf', spans('shop'), options({ identities, tenantId })).blocks)
        .resources_v3.length;
    expect(ids.map(written)).toEqual([1, 1, 1]);
    expect(ids.map(written)).toEqual([0, 0, 0]);
  });

  it('does not mistake the series of one metric, unit or temporality for those of another', () => {
    const transcoder = new Transcoder();
    const identities = new SegmentIdentities();
    const point = { timeUnixNano: TIME, asInt: 1, attributes: [text('http.route', '/api/orders')] };
    const sum = (name: string, aggregationTemporality: number): Record<string, unknown> => ({
      name,
      sum: { dataPoints: [point, point], aggregationTemporality, isMonotonic: true },
    });
    const body = request('metrics', [sum('one', 2), sum('two', 2), sum('one', 1), sum('one', 2)]);
    const tables = rowsByTable(transcoder.transcode('metrics', 'protobuf', body, options({ identities })).blocks);
    expect(tables.series_v3.map((row) => [row['metric_name'], row['temporality']])).toEqual([
      ['one', 'cumulative'],
      ['two', 'cumulative'],
      ['one', 'delta'],
    ]);
    for (const row of tables.series_v3) expect(row['attributes']).toEqual([['http.route', '/api/orders']]);
  });
});

describe('repeated keys', () => {
  const keysOf = (keys: string[][]): unknown[] => {
    const items = keys.map((list) => span({ attributes: list.map((key, i) => text(key, `v${i}`)) }));
    return run('traces', request('traces', items)).tables.spans_v3.map((row) => row['attributes']);
  };
  const firstOfEach = (list: string[]): unknown[] => [
    ...list.reduce((kept, key, i) => (key === '' || kept.has(key) ? kept : kept.set(key, `v${i}`)), new Map()),
  ];

  it('are dropped wherever they come, whatever the items before had', () => {
    // The look-alikes have their length, middle and last bytes in common.
    const key = fc.constantFrom(
      'http.request.method',
      'a-------middle-end',
      'b-------middle-end',
      'x',
      'yy',
      '',
      'abcd',
    );
    const list = fc.array(key, { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(list, { maxLength: 8 }), (lists) => {
        expect(keysOf(lists)).toEqual(lists.map(firstOfEach));
      }),
      { numRuns: 500 },
    );
  });

  it.each([31, 32, 33, 127, 128, 129, 300])('are dropped from a list of %i others', (count) => {
    const keys = Array.from({ length: count }, (_, i) => `key-number-${i}`);
    const list = [...keys, 'key-number-0', `key-number-${count - 1}`, 'new', 'new'];
    expect(keysOf([list, list, keys])).toEqual([list, list, keys].map(firstOfEach));
  });
});
