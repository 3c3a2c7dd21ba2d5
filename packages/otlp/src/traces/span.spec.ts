import { describe, expect, it } from 'vitest';
import { REASONS } from '../rejections.js';
import { nestedValue, RECEIVED_AT_MS, request, run, span, text, TIME, wire } from '../testing/requests.js';

const one = (over: Record<string, unknown>) => run('traces', request('traces', [span(over)])).tables.spans_v3[0];

describe('spans', () => {
  it('refuses an invalid trace or span id, and keeps the rest of the batch', () => {
    const bad = [
      span({ traceId: Buffer.alloc(15, 1) }),
      span({ traceId: Buffer.alloc(16) }),
      span({ spanId: Buffer.alloc(0) }),
      span({ name: 'good' }),
    ];
    const { result, tables } = run('traces', request('traces', bad));
    expect(result).toMatchObject({ accepted: 1, rejected: 3 });
    expect(result.rejections).toEqual(
      new Map([
        [REASONS.traceId, 2],
        [REASONS.spanId, 1],
      ]),
    );
    expect(tables.spans_v3).toMatchObject([{ name: 'good' }]);
  });

  it('takes an invalid parent id for no parent', () => {
    expect(one({ parentSpanId: Buffer.alloc(4, 1) })).toMatchObject({ parent_span_id: '0000000000000000' });
  });

  it('gives duration 0 to a span that ends before it starts, or not at all', () => {
    expect(one({ endTimeUnixNano: '1' })).toMatchObject({ duration_ns: 0n, timestamp: BigInt(TIME) });
    expect(one({ endTimeUnixNano: '0' })).toMatchObject({ duration_ns: 0n, timestamp: BigInt(TIME) });
  });

  it('places a span without a start at its end, or at the time of receipt', () => {
    expect(one({ startTimeUnixNano: '0' })).toMatchObject({ duration_ns: 0n, timestamp: BigInt(TIME) });
    const neither = one({ startTimeUnixNano: '0', endTimeUnixNano: '0' });
    expect(neither).toMatchObject({ duration_ns: 0n, timestamp: BigInt(RECEIVED_AT_MS) * 1_000_000n });
  });

  it('keeps kinds and status codes out of range as 0, and flags beyond the low 8 bits', () => {
    const row = one({ kind: 9, status: { code: 3, message: 'm' }, flags: 0x80000301 });
    expect(row).toMatchObject({ kind: 0, status_code: 0, status_message: 'm', flags: 0x80000301 });
  });

  it('counts links with invalid ids as dropped', () => {
    const link = { traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1), flags: 1, attributes: [text('a', 'b')] };
    const row = one({ links: [{ ...link, spanId: Buffer.alloc(8) }, link], droppedLinksCount: 2 });
    expect(row).toMatchObject({
      dropped_links_count: 3,
      'links.trace_id': ['01'.repeat(16)],
      'links.attributes': [[['a', 'b']]],
    });
  });

  it('refuses times that DateTime64(9) cannot hold, in events too', () => {
    const late = String(2n ** 63n);
    const spans = [
      span({ endTimeUnixNano: late }),
      span({ startTimeUnixNano: late }),
      span({ events: [{ timeUnixNano: late }] }),
    ];
    expect(run('traces', request('traces', spans)).result.rejections).toEqual(new Map([[REASONS.timeOverflow, 3]]));
  });

  it('refuses spans outside the limits, where limits are given', () => {
    const at = (offsetMs: number) =>
      span({ startTimeUnixNano: String(BigInt(RECEIVED_AT_MS + offsetMs) * 1_000_000n) });
    const body = request('traces', [at(-61_000), at(-59_000), at(0), at(9_000), at(11_000)]);
    const { result } = run('traces', body, { maxPastMs: 60_000, maxFutureMs: 10_000 });
    expect(result).toMatchObject({ accepted: 3, rejected: 2 });
    expect([...result.rejections.keys()]).toEqual([
      expect.stringContaining('60 s before'),
      expect.stringContaining('10 s after'),
    ]);
    expect(run('traces', body).result.rejected).toBe(0);
  });

  it('keeps the first of several attributes with one key, at any number, and drops empty keys', () => {
    const few = ['a', 'b', 'a', '', 'b'].map((key, i) => text(key, String(i)));
    expect(one({ attributes: few })).toMatchObject({
      attributes: [
        ['a', '0'],
        ['b', '1'],
      ],
      attribute_types: 'ss',
    });
    const many = Array.from({ length: 200 }, (_, i) => text(`key.${i % 90}`, String(i)));
    expect(one({ attributes: many })!['attributes']).toEqual(
      Array.from({ length: 90 }, (_, i) => [`key.${i}`, String(i)]),
    );
  });

  it('refuses a span with a value nested deeper than 64 levels, and takes one of 64', () => {
    const { message, text: string } = wire;
    const spans = [64, 65, 5000].map((levels) =>
      message(
        2,
        message(1, Buffer.alloc(16, 1)),
        message(2, Buffer.alloc(8, 1)),
        message(9, string(1, 'deep'), message(2, nestedValue(levels))),
      ),
    );
    const { result, tables } = run('traces', message(1, message(2, ...spans)));
    expect(result.rejections).toEqual(new Map([[REASONS.tooDeep, 2]]));
    expect(tables.spans_v3).toHaveLength(1);
  });

  it('names unnamed services', () => {
    const attributes = [{ key: 'service.name', value: { intValue: 5 } }];
    const { result } = run('traces', request('traces', [span()], { attributes }));
    expect(result.services).toEqual(new Set(['unknown_service']));
  });

  it('writes no identity for a resource whose spans were all refused', () => {
    expect(run('traces', request('traces', [span({ traceId: Buffer.alloc(1) })])).result.blocks).toEqual([]);
  });
});
