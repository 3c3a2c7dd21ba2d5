import { describe, expect, it } from 'vitest';
import { REASONS } from '../rejections.js';
import { RECEIVED_AT_MS, TIME, request, run } from '../testing/requests.js';

const received = BigInt(RECEIVED_AT_MS) * 1_000_000n;
const one = (record: Record<string, unknown>) => run('logs', request('logs', [record])).tables.logs_v3[0];

describe('log records', () => {
  it('takes its time, else the observed time, else that of receipt', () => {
    expect(one({ timeUnixNano: TIME, observedTimeUnixNano: '5' })).toMatchObject({
      timestamp: BigInt(TIME),
      observed_timestamp: 5n,
    });
    expect(one({ observedTimeUnixNano: TIME })).toMatchObject({
      timestamp: BigInt(TIME),
      observed_timestamp: BigInt(TIME),
    });
    expect(one({})).toMatchObject({ timestamp: received, observed_timestamp: received });
  });

  it('keeps a record with invalid ids as uncorrelated', () => {
    const traceId = Buffer.alloc(16, 1);
    const spanId = Buffer.alloc(8, 2);
    const none = { trace_id: '00'.repeat(16), span_id: '00'.repeat(8) };
    expect(one({ traceId, spanId })).toMatchObject({ trace_id: '01'.repeat(16), span_id: '02'.repeat(8) });
    expect(one({ traceId: Buffer.alloc(16), spanId })).toMatchObject(none);
    expect(one({ traceId: Buffer.alloc(3), spanId })).toMatchObject(none);
    expect(one({ traceId, spanId: Buffer.alloc(9, 1) })).toMatchObject({
      trace_id: '01'.repeat(16),
      span_id: '00'.repeat(8),
    });
  });

  it('holds the severity to 0..24 and keeps its text as sent', () => {
    expect(one({ severityNumber: 99, severityText: 'loud' })).toMatchObject({
      severity_number: 24,
      severity_text: 'loud',
    });
    expect(one({ severityNumber: -1 })).toMatchObject({ severity_number: 0, severity_text: '' });
  });

  it.each([
    [{ stringValue: 'text' }, 'text', 's'],
    [{ intValue: '-9223372036854775808' }, '-9223372036854775808', 'i'],
    [{ doubleValue: 0.1 }, '0.1', 'd'],
    [{ doubleValue: Number.NaN }, 'NaN', 'd'],
    [{ boolValue: false }, 'false', 'b'],
    [{ bytesValue: Buffer.from([1, 2, 255, 4]) }, 'AQL/BA==', 'y'],
    [{}, '', 'e'],
    [
      {
        arrayValue: {
          values: [
            { intValue: '9223372036854775807' },
            {},
            { doubleValue: Infinity },
            { bytesValue: Buffer.from([0]) },
          ],
        },
      },
      '[9223372036854775807,null,"Infinity","AA=="]',
      'j',
    ],
    [{ kvlistValue: { values: [{ key: 'a"\n\u0001', value: { boolValue: true } }] } }, '{"a\\"\\n\\u0001":true}', 'j'],
  ])('writes the body %j', (body, written, letter) => {
    expect(one({ body })).toMatchObject({ body: written, body_type: letter });
  });

  it('gives records rising ids that a double holds exactly', () => {
    const ids = run('logs', request('logs', [{}, {}, {}])).tables.logs_v3.map((row) => row['id'] as bigint);
    expect(ids[1]! > ids[0]! && ids[2]! > ids[1]!).toBe(true);
    expect(ids[2]! < 2n ** 53n && ids[0]! >= BigInt(Date.now() - 3_600_000) * 4096n).toBe(true);
  });

  it('refuses times that DateTime64(9) cannot hold', () => {
    const { result } = run('logs', request('logs', [{ timeUnixNano: String(2n ** 63n) }, { eventName: 'kept' }]));
    expect(result.rejections).toEqual(new Map([[REASONS.timeOverflow, 1]]));
    expect(result.accepted).toBe(1);
  });
});
