import { describe, expect, it } from 'vitest';
import { encodeExportResponse, encodeStatus, type Signal } from './index.js';
import { messageType } from './testing/otlp-proto.js';

const responses: Record<Signal, [type: string, rejected: string]> = {
  traces: ['ExportTraceServiceResponse', 'rejectedSpans'],
  logs: ['ExportLogsServiceResponse', 'rejectedLogRecords'],
  metrics: ['ExportMetricsServiceResponse', 'rejectedDataPoints'],
};
const plain = (type: string, bytes: Uint8Array): unknown =>
  messageType(type).toObject(messageType(type).decode(bytes), { longs: String });
const parsed = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());

describe.each(Object.entries(responses) as [Signal, [string, string]][])(
  'the response for %s',
  (signal, [type, rejected]) => {
    it('leaves partial_success unset on full success', () => {
      expect(encodeExportResponse(signal, 'protobuf')).toHaveLength(0);
      expect(parsed(encodeExportResponse(signal, 'json'))).toEqual({});
    });

    it('carries the refused count and the message', () => {
      const partial = { rejected: 5_000_000_000, message: 'trace_id must be 16 bytes' };
      const expected = { partialSuccess: { [rejected]: '5000000000', errorMessage: partial.message } };
      expect(plain(type, encodeExportResponse(signal, 'protobuf', partial))).toEqual(expected);
      expect(parsed(encodeExportResponse(signal, 'json', partial))).toEqual(expected);
    });

    it('carries a warning without refused items', () => {
      const expected = { partialSuccess: { errorMessage: 'look here' } };
      const partial = { rejected: 0, message: 'look here' };
      expect(plain(type, encodeExportResponse(signal, 'protobuf', partial))).toEqual(expected);
      expect(parsed(encodeExportResponse(signal, 'json', partial))).toEqual(expected);
    });
  },
);

describe('google.rpc.Status', () => {
  const violations = [{ field: 'resourceSpans[0]', description: 'must be an object' }];
  const status = {
    code: 3,
    message: 'malformed: ünïcode',
    details: [
      { type: 'badRequest', violations },
      { type: 'retryInfo', retryDelaySeconds: 1.5 },
    ],
  } as const;

  it('encodes code, message and details as protobuf', () => {
    const decoded = plain('Status', encodeStatus('protobuf', status)) as {
      code: number;
      message: string;
      details: { type_url: string; value: Uint8Array }[];
    };
    expect(decoded).toMatchObject({ code: 3, message: status.message });
    expect(decoded.details.map((detail) => detail.type_url)).toEqual([
      'type.googleapis.com/google.rpc.BadRequest',
      'type.googleapis.com/google.rpc.RetryInfo',
    ]);
    expect(plain('BadRequest', decoded.details[0]!.value)).toEqual({ fieldViolations: violations });
    expect(plain('RetryInfo', decoded.details[1]!.value)).toEqual({ retryDelay: { seconds: '1', nanos: 500_000_000 } });
  });

  it('encodes code, message and details as JSON', () => {
    expect(parsed(encodeStatus('json', status))).toEqual({
      code: 3,
      message: status.message,
      details: [
        { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '1.5s' },
      ],
    });
  });

  it('leaves out what is empty', () => {
    expect(plain('Status', encodeStatus('protobuf', { code: 14, message: '' }))).toEqual({ code: 14 });
    expect(parsed(encodeStatus('json', { code: 14, message: 'later' }))).toEqual({ code: 14, message: 'later' });
  });
});
