import { randomBytes } from 'node:crypto';

/** Request payloads of the benchmark: what a busy service exports, with fresh ids and varying values. */

const text = (key, value) => ({ key, value: { stringValue: value } });
const int = (key, value) => ({ key, value: { intValue: value } });

const resource = {
  attributes: [
    text('service.name', 'checkout'),
    text('service.namespace', 'shop'),
    text('service.version', '2.14.3'),
    text('service.instance.id', '627cc493-f310-47de-96bd-71410b7dec09'),
    text('deployment.environment.name', 'production'),
    text('host.name', 'ip-10-1-2-33.eu-central-1.compute.internal'),
    text('k8s.pod.name', 'checkout-7d9f4b6c8-x2x7p'),
    text('k8s.namespace.name', 'shop'),
    text('k8s.node.name', 'node-17'),
    text('telemetry.sdk.name', 'opentelemetry'),
    text('telemetry.sdk.language', 'nodejs'),
    int('process.pid', 4711),
  ],
};
const scope = { name: '@opentelemetry/instrumentation-http', version: '0.57.2' };
const startNs = 1_750_000_000_000_000_000n;

function span(i) {
  const start = startNs + BigInt(i) * 1_003_007n;
  return {
    traceId: randomBytes(16),
    spanId: randomBytes(8),
    parentSpanId: randomBytes(8),
    name: `GET /api/v2/orders/{id}`,
    kind: 2,
    startTimeUnixNano: start.toString(),
    endTimeUnixNano: (start + 12_345_678n).toString(),
    attributes: [
      text('http.request.method', 'GET'),
      text('url.path', `/api/v2/orders/${100000 + i}`),
      text('url.scheme', 'https'),
      text('server.address', 'checkout.shop.svc.cluster.local'),
      int('server.port', 8443),
      int('http.response.status_code', i % 20 === 0 ? 500 : 200),
      text('user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36'),
      text('client.address', `10.2.${i % 256}.${(i * 7) % 256}`),
      text('network.protocol.version', '1.1'),
      { key: 'app.cart.total', value: { doubleValue: 19.99 + (i % 100) } },
    ],
    status: { code: i % 20 === 0 ? 2 : 0 },
    flags: 1,
  };
}

function log(i) {
  const time = (startNs + BigInt(i) * 1_003_007n).toString();
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: 9,
    severityText: 'INFO',
    body: {
      stringValue:
        `order ${100000 + i} accepted: 3 items, payment authorised by provider in 182 ms, ` +
        'reservation confirmed for warehouse FRA-2, notification queued for delivery window 14:00-16:00',
    },
    attributes: [
      text('logger.name', 'shop.checkout.OrderService'),
      text('thread.name', 'http-nio-8443-exec-17'),
      int('order.id', 100000 + i),
    ],
    traceId: randomBytes(16),
    spanId: randomBytes(8),
    flags: 1,
  };
}

const pointAttributes = (i) => [
  text('http.request.method', 'GET'),
  text('http.route', `/api/v2/orders/{id}/${i}`),
  int('http.response.status_code', 200 + (i % 5)),
];

const common = (k) => ({
  timeUnixNano: (startNs + 60_000_000_000n).toString(),
  startTimeUnixNano: startNs.toString(),
  attributes: pointAttributes(k),
});
const numberPoint = (k) => (k % 2 ? { ...common(k), asInt: 1000 + k } : { ...common(k), asDouble: 0.25 + k * 1.1 });
const histogramPoint = (k) => ({
  ...common(k),
  count: 150,
  sum: 1234.5 + k,
  min: 0.5,
  max: 97.25,
  bucketCounts: Array.from({ length: 15 }, (_, b) => 10 + ((b + k) % 3)),
  explicitBounds: [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500],
});

const kinds = {
  gauge: (dataPoints) => ({ gauge: { dataPoints } }),
  sum: (dataPoints) => ({ sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } }),
  histogram: (dataPoints) => ({ histogram: { dataPoints, aggregationTemporality: 2 } }),
};

const many = (count, make) => Array.from({ length: count }, (_, i) => make(i));

/** `items` points in metrics of 50 points each, whose series begin with the `first`. */
function metrics(kind, items, first) {
  const point = kind === 'histogram' ? histogramPoint : numberPoint;
  return many(Math.ceil(items / 50), (i) => ({
    name: `http.server.request.${kind}.${i}`,
    unit: 'ms',
    description: 'Duration of HTTP server requests.',
    ...kinds[kind](many(Math.min(50, items - i * 50), (k) => point(first + (first === 0 ? k : i * 50 + k)))),
  }));
}

/** What requests may hold, with the signal that each belongs to. */
export const KINDS = { spans: 'traces', logs: 'logs', gauge: 'metrics', sum: 'metrics', histogram: 'metrics' };

/** A request of `items` of a kind. Points have the same 50 attribute sets in each metric, or new ones from `first` on. */
export function payload(kind, items, first = 0) {
  if (kind === 'spans') return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: many(items, span) }] }] };
  if (kind === 'logs') return { resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: many(items, log) }] }] };
  return { resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: metrics(kind, items, first) }] }] };
}
