/**
 * Export requests whose items can be told apart. A request has a number, its item k of `items` the number
 * `request × items + k`; spans and logs carry it as their span id, points as the nanosecond of their time. Bodies are
 * built once and then only patched, so that a client costs little beside the server that it loads.
 */
import { REQUEST_TYPES } from '../../../../packages/otlp/src/testing/otlp-proto.ts';

export const SIGNALS = ['traces', 'logs', 'metrics'] as const;
export type SignalName = (typeof SIGNALS)[number];
export type Encoding = 'protobuf' | 'json';

export const SERVICE = 'chaos';
export const METRIC = 'chaos.points';
export const HISTOGRAM = 'chaos.durations';

/** First two bytes of every id of ours; the other six are a number. */
const ID_TAG = 0xc4a0;
/** First eight bytes of every trace id of ours; the rest is the request's first item id. */
export const TRACE_PREFIX = Buffer.from('c4a05c4a05c4a05c', 'hex');
const RESOURCE = {
  attributes: [
    text('service.name', SERVICE),
    text('service.version', '1.4.2'),
    text('host.name', 'node-1'),
    text('deployment.environment.name', 'production'),
  ],
};

export interface PayloadOptions {
  readonly items: number;
  /** The time of point 0, Unix nanoseconds. */
  readonly baseNs: bigint;
  /** Length of a log record's text; default 104. */
  readonly logBytes?: number;
}

/** The signal of a request: they take turns. */
export function signalOf(request: number): SignalName {
  return SIGNALS[request % SIGNALS.length] as SignalName;
}

/** Of eight points, six are numbers and two are histograms. */
export function isHistogram(item: number): boolean {
  return item % 8 >= 6;
}

function text(key: string, value: string) {
  return { key, value: { stringValue: value } };
}

function integer(key: string, value: number) {
  return { key, value: { intValue: String(value) } };
}

/** The same marker in every encoding of an id, so that its place can be found: 8 bytes, or 16 hex digits, or a number. */
function markerOf(item: number): Buffer {
  const marker = Buffer.from('a7e35d91b24c0000', 'hex');
  marker.writeUInt16BE(item, 6);
  return marker;
}
const TRACE_MARKER = Buffer.from('5b1fe7c38d2a6490f36cb81a4e97d205', 'hex');
const TIME_MARKER_NS = 1_600_000_000_123_456_789n;
/** Markers of point times: increasing, 19 digits each. */
const pointMarkerNs = (item: number) => 1_500_000_000_987_600_000n + BigInt(item);

function spans(items: number): object {
  const list = Array.from({ length: items }, (_, item) => ({
    traceId: TRACE_MARKER,
    spanId: markerOf(item),
    ...(item === 0 ? {} : { parentSpanId: markerOf(0) }),
    name: `GET /api/items/${item % 4}`,
    kind: 2,
    startTimeUnixNano: String(TIME_MARKER_NS),
    endTimeUnixNano: String(TIME_MARKER_NS),
    attributes: [
      text('http.request.method', 'GET'),
      text('http.route', `/api/items/${item % 40}`),
      text('user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64)'),
      integer('http.response.status_code', 200),
      { key: 'cache.hit', value: { boolValue: item % 2 === 0 } },
    ],
  }));
  return {
    resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ scope: { name: 'chaos', version: '1' }, spans: list }] }],
  };
}

function logs(items: number, logBytes: number): object {
  const sentence =
    'order placed: the payment was taken, the parcel is packed and the customer has been told by mail, thanks ';
  const logRecords = Array.from({ length: items }, (_, item) => ({
    timeUnixNano: String(TIME_MARKER_NS),
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: sentence.repeat(Math.ceil(logBytes / sentence.length)).slice(0, logBytes) },
    traceId: TRACE_MARKER,
    spanId: markerOf(item),
    attributes: [text('chaos.item', String(item)), text('code.function', 'placeOrder')],
  }));
  return { resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ scope: { name: 'chaos' }, logRecords }] }] };
}

function points(items: number): object {
  const all = Array.from({ length: items }, (_, item) => item);
  const common = (item: number) => ({
    timeUnixNano: String(pointMarkerNs(item)),
    attributes: [text('slot', String(item))],
  });
  const numbers = all.filter((item) => !isHistogram(item)).map((item) => ({ ...common(item), asDouble: item + 0.5 }));
  const histograms = all.filter(isHistogram).map((item) => ({
    ...common(item),
    count: '6',
    sum: 12.5,
    explicitBounds: [1, 2, 5],
    bucketCounts: ['1', '2', '2', '1'],
  }));
  const metrics = [
    { name: METRIC, unit: '1', gauge: { dataPoints: numbers } },
    ...(histograms.length > 0
      ? [{ name: HISTOGRAM, unit: 'ms', histogram: { aggregationTemporality: 1, dataPoints: histograms } }]
      : []),
  ];
  return { resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ scope: { name: 'chaos' }, metrics }] }] };
}

const BUILDERS: Record<SignalName, (items: number, logBytes: number) => object> = {
  traces: spans,
  logs,
  metrics: points,
};

/** How a value is patched over a marker. */
type Patch = 'id' | 'idHex' | 'trace' | 'traceHex' | 'now' | 'nowText' | 'point' | 'pointText';
interface Slot {
  readonly at: number;
  readonly item: number;
  readonly patch: Patch;
}

/** One request body per signal and encoding, to be patched for each request. */
export class Payloads {
  readonly items: number;
  readonly #baseNs: bigint;
  readonly #logBytes: number;
  readonly #templates = new Map<string, { readonly body: Buffer<ArrayBuffer>; readonly slots: readonly Slot[] }>();

  constructor({ items, baseNs, logBytes = 104 }: PayloadOptions) {
    this.items = items;
    this.#logBytes = logBytes;
    this.#baseNs = baseNs;
  }

  /** The body of a request. It is overwritten by the next call for the same signal and encoding. */
  body(request: number, encoding: Encoding, nowNs: bigint): Buffer<ArrayBuffer> {
    const signal = signalOf(request);
    const key = `${signal} ${encoding}`;
    let template = this.#templates.get(key);
    if (template === undefined) {
      template = templateOf(signal, encoding, this.items, this.#logBytes);
      this.#templates.set(key, template);
    }
    const first = request * this.items;
    for (const slot of template.slots) this.#write(template.body, slot, first, nowNs);
    return template.body;
  }

  #write(body: Buffer, { at, item, patch }: Slot, first: number, nowNs: bigint): void {
    switch (patch) {
      case 'id':
        return writeId(body, at, first + item);
      case 'idHex':
        body.write(hexId(first + item), at, 'latin1');
        return;
      case 'trace':
        TRACE_PREFIX.copy(body, at);
        return writeId(body, at + 8, first);
      case 'traceHex':
        body.write(TRACE_PREFIX.toString('hex') + hexId(first), at, 'latin1');
        return;
      case 'now':
        body.writeBigUInt64LE(nowNs, at);
        return;
      case 'nowText':
        body.write(String(nowNs), at, 'latin1');
        return;
      case 'point':
        body.writeBigUInt64LE(this.#baseNs + BigInt(first + item), at);
        return;
      case 'pointText':
        body.write(String(this.#baseNs + BigInt(first + item)), at, 'latin1');
    }
  }
}

function writeId(body: Buffer, at: number, number: number): void {
  body.writeUInt16BE(ID_TAG, at);
  body.writeUIntBE(number, at + 2, 6);
}

function hexId(number: number): string {
  return ID_TAG.toString(16) + number.toString(16).padStart(12, '0');
}

function templateOf(signal: SignalName, encoding: Encoding, items: number, logBytes: number) {
  const message = BUILDERS[signal](items, logBytes);
  const type = REQUEST_TYPES[signal];
  const body =
    encoding === 'json'
      ? Buffer.from(JSON.stringify(message, (_, value: unknown) => hexed(value)))
      : Buffer.from(type.encode(type.fromObject(message)).finish());
  return { body, slots: encoding === 'json' ? textSlots(body, items) : binarySlots(body, items) };
}

/** `JSON.stringify` has called `Buffer.toJSON` before its replacer sees the value. */
function hexed(value: unknown): unknown {
  const isBuffer =
    typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value;
  return isBuffer ? Buffer.from(value.data as number[]).toString('hex') : value;
}

function binarySlots(body: Buffer, items: number): Slot[] {
  const little = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    return bytes;
  };
  return [
    ...find(body, TRACE_MARKER, 0, 'trace'),
    ...find(body, little(TIME_MARKER_NS), 0, 'now'),
    ...range(items).flatMap((item) => find(body, markerOf(item), item, 'id')),
    ...range(items).flatMap((item) => find(body, little(pointMarkerNs(item)), item, 'point')),
  ];
}

function textSlots(body: Buffer, items: number): Slot[] {
  return [
    ...find(body, Buffer.from(TRACE_MARKER.toString('hex')), 0, 'traceHex'),
    ...find(body, Buffer.from(String(TIME_MARKER_NS)), 0, 'nowText'),
    ...range(items).flatMap((item) => find(body, Buffer.from(markerOf(item).toString('hex')), item, 'idHex')),
    ...range(items).flatMap((item) => find(body, Buffer.from(String(pointMarkerNs(item))), item, 'pointText')),
  ];
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function find(body: Buffer, marker: Buffer, item: number, patch: Patch): Slot[] {
  const slots: Slot[] = [];
  for (let at = body.indexOf(marker); at >= 0; at = body.indexOf(marker, at + 1)) slots.push({ at, item, patch });
  return slots;
}
