import {
  SegmentIdentities,
  Transcoder,
  uuidToRowBinary,
  type Signal,
  type TranscodeOptions,
  type TranscodeResult,
} from '../index.js';
import { REQUEST_TYPES } from './otlp-proto.js';
import { rowsByTable, type Row } from './rowbinary-reader.js';
import type { TableName } from '../tables.js';

export const RECEIVED_AT_MS = 1_750_000_000_123;
export const TENANT = '01890a5d-ac96-774b-bcce-b302099a8057';
export const TIME = '1750000000000000000';

type Msg = Record<string, unknown>;

/** Options with nothing remembered. */
export function options(over: Partial<TranscodeOptions> = {}): TranscodeOptions {
  const tenantId = uuidToRowBinary(TENANT);
  return { tenantId, receivedAtMs: RECEIVED_AT_MS, identities: new SegmentIdentities(), ...over };
}

export const text = (key: string, stringValue: string): Msg => ({ key, value: { stringValue } });

/** A request with one resource and one scope, encoded by protobufjs. */
export function request(signal: Signal, items: Msg[], resource: Msg = {}, scope: Msg = {}): Uint8Array {
  const type = REQUEST_TYPES[signal];
  const message = {
    traces: { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: items }] }] },
    logs: { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: items }] }] },
    metrics: { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: items }] }] },
  }[signal];
  return type.encode(type.fromObject(message)).finish();
}

/** A valid span with some fields replaced. */
export function span(over: Msg = {}): Msg {
  return {
    traceId: Buffer.alloc(16, 1),
    spanId: Buffer.alloc(8, 2),
    startTimeUnixNano: TIME,
    endTimeUnixNano: TIME,
    ...over,
  };
}

/** Transcodes with a Transcoder of its own; rows by table beside the result. */
export function run(
  signal: Signal,
  body: Uint8Array,
  over: Partial<TranscodeOptions> = {},
): { result: TranscodeResult; tables: Record<TableName, Row[]> } {
  const result = new Transcoder().transcode(signal, 'protobuf', body, options(over));
  return { result, tables: rowsByTable(result.blocks) };
}

/** A bare protobuf encoder for what protobufjs will not write: parts, orders, foreign wire types. */
export const wire = {
  varint(value: bigint | number): Buffer {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      bytes.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    return Buffer.from([...bytes, Number(rest)]);
  },
  tag: (field: number, type: number): Buffer => wire.varint((field << 3) | type),
  message(field: number, ...parts: Uint8Array[]): Buffer {
    const payload = Buffer.concat(parts);
    return Buffer.concat([wire.tag(field, 2), wire.varint(payload.length), payload]);
  },
  text: (field: number, value: string): Buffer => wire.message(field, Buffer.from(value)),
  number: (field: number, value: bigint | number): Buffer => Buffer.concat([wire.tag(field, 0), wire.varint(value)]),
  fixed64(field: number, value: bigint | number): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
    return Buffer.concat([wire.tag(field, 1), bytes]);
  },
  double(field: number, value: number): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return Buffer.concat([wire.tag(field, 1), bytes]);
  },
};

/** The payload of an AnyValue that is a string inside `levels - 1` arrays; protobufjs refuses to write such. */
export function nestedValue(levels: number): Buffer {
  let payload = wire.text(1, 'x');
  for (let level = 1; level < levels; level++) payload = wire.message(5, wire.message(1, payload));
  return payload;
}
