/**
 * Export requests for the load generator: what a busy shop sends. A few templates are encoded once; every body that is
 * sent is a copy of one with fresh random ids, later times and other numbers written over the old ones, so that no trace
 * or span id ever comes twice and the store has as much to compress as in real life.
 */
import { randomFillSync } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip, zstdCompress, constants } from 'node:zlib';
import { REQUEST_TYPES } from '../../../packages/otlp/src/testing/otlp-proto.ts';

/** Numbers that are replaced in every body: eight digits, so that their place does not move. */
const FIRST_NUMBER = 10_000_000;
const NUMBERS = 90_000_000;
const COMPRESSORS = {
  none: async (body) => body,
  gzip: (body) => promisify(gzip)(body, { level: 1 }),
  zstd: (body) => promisify(zstdCompress)(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
};

const text = (key, value) => ({ key, value: { stringValue: value } });
const int = (key, value) => ({ key, value: { intValue: String(value) } });
const bool = (key, value) => ({ key, value: { boolValue: value } });
const many = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const pick = (list, i) => list[i % list.length];

/** Twelve attributes, those of a service in Kubernetes. */
function resource(instance) {
  return {
    attributes: [
      text('service.name', `service-${instance % 12}`),
      text('service.version', '1.4.2'),
      text('service.namespace', 'shop'),
      text('service.instance.id', `instance-${instance}`),
      text('host.name', `ip-10-1-2-${instance % 8}.eu-central-1.compute.internal`),
      text('k8s.pod.name', `pod-7d9f4b6c8-${instance}`),
      text('k8s.namespace.name', 'prod'),
      text('k8s.cluster.name', 'eu-1'),
      text('deployment.environment.name', 'production'),
      text('telemetry.sdk.language', 'nodejs'),
      text('telemetry.sdk.name', 'opentelemetry'),
      int('process.pid', 4711 + instance),
    ],
  };
}

/**
 * What varies in a template: hands out values that occur once, and remembers them in the order in which they are written.
 */
class Varying {
  slots = [];
  #nowNs = BigInt(Date.now() - 2000) * 1_000_000n;
  #number = FIRST_NUMBER;

  id(bytes) {
    const id = randomFillSync(Buffer.alloc(bytes)).toString('hex');
    return this.use({ kind: 'id', value: id, bytes });
  }
  use(slot) {
    this.slots.push(slot);
    return slot.value;
  }
  /** The same id once more: the trace of a second span, the parent of a child. */
  again(id) {
    return this.use({ kind: 'id', value: id, bytes: id.length / 2 });
  }
  timeNs(afterNs) {
    this.#nowNs += 1_003_007n;
    return this.use({ kind: 'time', value: String(this.#nowNs + BigInt(afterNs)) });
  }
  number() {
    return this.use({ kind: 'number', value: String(this.#number++) });
  }
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];
const AGENTS = ['curl/8.5.0', 'okhttp/4.12.0', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'];

function span(v, n, trace) {
  const isRoot = n % 8 === 0;
  if (isRoot) [trace.id, trace.root] = [v.id(16), undefined];
  else v.again(trace.id);
  const spanId = v.id(8);
  if (!isRoot) v.again(trace.root);
  const parent = isRoot ? {} : { parentSpanId: trace.root };
  if (isRoot) trace.root = spanId;
  // Durations from 0.1 ms to seconds, most of them short.
  const durationNs = Math.round(1e5 * Math.exp(9 * ((n * 0.6180339887) % 1) ** 3)) + n;
  const startTimeUnixNano = v.timeNs(0);
  const endTimeUnixNano = v.timeNs(durationNs);
  const failed = n % 50 === 0;
  return {
    traceId: trace.id,
    spanId,
    ...parent,
    name: `${pick(METHODS, n)} /api/items/{id}/${n % 40}`,
    kind: isRoot ? 2 : 1,
    startTimeUnixNano,
    endTimeUnixNano,
    attributes: [
      text('http.request.method', pick(METHODS, n)),
      text('http.route', `/api/items/{id}/${n % 40}`),
      text('url.path', `/api/items/${v.number()}`),
      text('user_agent.original', pick(AGENTS, n)),
      text('server.address', 'shop.internal'),
      text('network.protocol.version', '1.1'),
      text('enduser.id', v.number()),
      int('http.response.status_code', failed ? 500 : 200),
      int('server.port', 8080),
      bool('cache.hit', n % 2 === 0),
    ],
    status: failed ? { code: 2 } : {},
    flags: 1,
  };
}

const EVENTS = ['order accepted', 'payment authorised', 'stock reserved', 'delivery planned', 'session refreshed'];

function logRecord(v, n) {
  return {
    timeUnixNano: v.timeNs(0),
    severityNumber: n % 40 === 0 ? 17 : 9,
    severityText: n % 40 === 0 ? 'ERROR' : 'INFO',
    body: {
      stringValue: `${pick(EVENTS, n)}: order ${v.number()} of customer ${v.number()}, 3 items, provider answered in 182 ms, warehouse FRA-2, window 14:00-16:00`,
    },
    attributes: [
      text('logger.name', `shop.checkout.${pick(['OrderService', 'PaymentService', 'StockService'], n)}`),
      text('thread.name', `http-nio-8443-exec-${n % 16}`),
      int('code.lineno', 100 + (n % 60)),
    ],
    flags: 1,
    traceId: v.id(16),
    spanId: v.id(8),
  };
}

const BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500];
const STARTED_NS = String(BigInt(Date.now() - 3_600_000) * 1_000_000n);

function metric(v, n, points, instance) {
  const common = (k) => ({
    startTimeUnixNano: STARTED_NS,
    timeUnixNano: v.timeNs(0),
    attributes: [
      text('http.request.method', pick(METHODS, k)),
      text('http.route', `/api/items/{id}/${k}`),
      int('http.response.status_code', 200 + (k % 5)),
    ],
  });
  const number = (k) =>
    k % 2 ? { asInt: String(1000 + k) } : { asDouble: 0.25 + ((k * 7919 + instance) % 1000) * 1.1 };
  const histogram = (k) => ({
    ...common(k),
    count: 150,
    sum: 1234.5 + k,
    bucketCounts: many(BOUNDS.length + 1, (b) => 8 + ((b * k + instance) % 5)),
    explicitBounds: BOUNDS,
    min: 0.5,
    max: 97.25,
  });
  const head = { name: `http.server.request.${n}`, unit: 'ms', description: 'Duration of HTTP server requests.' };
  if (n % 3 === 2) return { ...head, histogram: { dataPoints: many(points, histogram), aggregationTemporality: 2 } };
  const dataPoints = many(points, (k) => ({ ...common(k), ...number(k) }));
  if (n % 3 === 0) return { ...head, gauge: { dataPoints } };
  return { ...head, sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } };
}

const scope = { name: '@opentelemetry/instrumentation-http', version: '0.57.2' };
const POINTS_PER_METRIC = 25;

const REQUESTS = {
  traces: (v, items, instance) => {
    const trace = {};
    const spans = many(items, (n) => span(v, n, trace));
    return { resourceSpans: [{ resource: resource(instance), scopeSpans: [{ scope, spans }] }] };
  },
  logs: (v, items, instance) => ({
    resourceLogs: [
      { resource: resource(instance), scopeLogs: [{ scope, logRecords: many(items, (n) => logRecord(v, n)) }] },
    ],
  }),
  metrics: (v, items, instance) => {
    const points = Math.min(POINTS_PER_METRIC, items);
    const metrics = many(items / points, (n) => metric(v, n, points, instance));
    return { resourceMetrics: [{ resource: resource(instance), scopeMetrics: [{ scope, metrics }] }] };
  },
};

/** OTLP/JSON has ids in hex, protobufjs wants bytes. */
function idsToBytes(value) {
  if (Array.isArray(value)) return value.map(idsToBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) =>
      /^(trace|span|parentSpan)Id$/.test(key) ? [key, Buffer.from(v, 'hex')] : [key, idsToBytes(v)],
    ),
  );
}

const FORMS = {
  protobuf: {
    encode: (signal, request) => {
      const type = REQUEST_TYPES[signal];
      return Buffer.from(type.encode(type.fromObject(idsToBytes(request))).finish());
    },
    id: (hex) => Buffer.from(hex, 'hex'),
    time: (ns) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(ns));
      return bytes;
    },
  },
  json: {
    encode: (_signal, request) => Buffer.from(JSON.stringify(request)),
    id: (hex) => Buffer.from(hex),
    time: (ns) => Buffer.from(ns),
  },
};

/** One encoded request and the places of what varies in it. */
class Template {
  #form;
  #bytes;
  /** Places of one id are patched alike. */
  #ids = new Map();
  #times = [];
  #numbers = [];

  constructor(signal, encoding, items, instance) {
    this.#form = FORMS[encoding];
    const varying = new Varying();
    this.#bytes = this.#form.encode(signal, REQUESTS[signal](varying, items, instance));
    this.#locate(varying.slots);
  }

  /** One walk over the bytes, asking at each place for every value that could begin there. */
  #locate(slots) {
    const needles = new Map();
    for (const slot of slots) {
      const needle = slot.kind === 'number' ? Buffer.from(slot.value) : this.#form[slot.kind](slot.value);
      needles.set(needle.toString('latin1'), { ...slot, size: needle.length });
    }
    const sizes = [...new Set([...needles.values()].map(({ size }) => size))].sort((a, b) => b - a);
    const haystack = this.#bytes.toString('latin1');
    for (let at = 0; at < haystack.length;) {
      const found = sizes.map((size) => needles.get(haystack.slice(at, at + size))).find((slot) => slot !== undefined);
      if (found !== undefined) this.#note(found, at);
      at += found?.size ?? 1;
    }
    const placed = this.#times.length + this.#numbers.length + this.#ids.size;
    if (placed !== needles.size) throw new Error(`found ${placed} of ${needles.size} varying values in a template`);
  }

  #note({ kind, value, bytes }, at) {
    if (kind === 'time') this.#times.push({ at, ns: BigInt(value) });
    else if (kind === 'number') this.#numbers.push(at);
    else if (this.#ids.has(value)) this.#ids.get(value).places.push(at);
    else this.#ids.set(value, { bytes, places: [at] });
  }

  /** A copy with fresh ids and numbers, all times `laterNs` nanoseconds later. */
  instantiate(laterNs) {
    const body = Buffer.from(this.#bytes);
    const isBinary = this.#form === FORMS.protobuf;
    for (const { bytes, places } of this.#ids.values()) {
      const id = randomFillSync(Buffer.allocUnsafe(bytes));
      const written = isBinary ? id : Buffer.from(id.toString('hex'));
      for (const at of places) written.copy(body, at);
    }
    for (const { at, ns } of this.#times) this.#form.time(String(ns + laterNs)).copy(body, at);
    for (const at of this.#numbers)
      body.write(String(FIRST_NUMBER + Math.floor(Math.random() * NUMBERS)), at, 'latin1');
    return body;
  }
}

/**
 * Makes `requests` bodies of `items` items each, of `templates` different services' instances, compressed.
 * Resolves with `{ bodies, rawBytes }`.
 */
export async function makeBodies({ signal, encoding, compression, items, requests, templates }) {
  const made = many(Math.min(templates, requests), (instance) => new Template(signal, encoding, items, instance));
  const bodies = Array.from({ length: requests });
  let rawBytes = 0;
  let next = 0;
  await Promise.all(
    many(4, async () => {
      while (next < requests) {
        const n = next++;
        const raw = pick(made, n).instantiate(BigInt(Math.floor(n / made.length)) * 10_007_000n);
        rawBytes += raw.length;
        bodies[n] = await COMPRESSORS[compression](raw);
      }
    }),
  );
  return { bodies, rawBytes };
}
