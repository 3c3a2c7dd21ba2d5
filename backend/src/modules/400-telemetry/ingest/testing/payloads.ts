import { randomBytes } from 'node:crypto';

export interface SpanRequest {
  readonly traceId: string;
  readonly spanIds: readonly string[];
  readonly json: object;
}

const nowNano = () => `${BigInt(Date.now()) * 1_000_000n}`;

/** A JSON export request of `count` spans of one trace. */
export function spanRequest(count: number, service = 'shop'): SpanRequest {
  const traceId = randomBytes(16).toString('hex');
  const spanIds = Array.from({ length: count }, () => randomBytes(8).toString('hex'));
  const spans = spanIds.map((spanId, i) => ({
    traceId,
    spanId,
    ...(i === 0 ? {} : { parentSpanId: spanIds[0] }),
    name: `GET /item/${i % 3}`,
    kind: 2,
    startTimeUnixNano: nowNano(),
    endTimeUnixNano: nowNano(),
    attributes: [{ key: 'n', value: { intValue: i } }],
  }));
  return { traceId, spanIds, json: resourceSpans(service, spans) };
}

function resourceSpans(service: string, spans: readonly object[]): object {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'test' }, spans }] }] };
}

export function logRequest(bodies: readonly string[], service = 'shop'): object {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  const logRecords = bodies.map((body) => ({
    timeUnixNano: nowNano(),
    severityNumber: 9,
    body: { stringValue: body },
  }));
  return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
}

/** Fields of a protobuf message, by hand: tag and length-delimited bytes. */
export function field(number: number, bytes: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = bytes.length;
  while (rest > 0x7f) {
    length.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  length.push(rest);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
}

/** A protobuf export request of one span with the ids. */
export function spanProtobuf(traceId: string, spanId: string, service = 'shop'): Buffer {
  const start = Buffer.alloc(9);
  start[0] = (7 << 3) | 1;
  start.writeBigUInt64LE(BigInt(Date.now()) * 1_000_000n, 1);
  const end = Buffer.from(start);
  end[0] = (8 << 3) | 1;
  const span = Buffer.concat([
    field(1, Buffer.from(traceId, 'hex')),
    field(2, Buffer.from(spanId, 'hex')),
    field(5, Buffer.from('by hand')),
    start,
    end,
  ]);
  const serviceName = Buffer.concat([field(1, Buffer.from('service.name')), field(2, field(1, Buffer.from(service)))]);
  const resource = field(1, serviceName);
  return field(1, Buffer.concat([field(1, resource), field(2, field(2, span))]));
}
