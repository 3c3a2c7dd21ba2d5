/** A known small history: one slow trace over three services with an error, its logs, and two metrics. */
import { randomBytes } from 'node:crypto';

export interface Key {
  readonly keyId: string;
  readonly keySecret: string;
}

const attribute = (key: string, value: string | number | boolean) => ({
  key,
  value:
    typeof value === 'string'
      ? { stringValue: value }
      : typeof value === 'boolean'
        ? { boolValue: value }
        : { intValue: String(value) },
});
const attributes = (values: Record<string, string | number | boolean>) =>
  Object.entries(values).map(([k, v]) => attribute(k, v));

async function post(url: string, key: Key, signal: string, body: unknown): Promise<void> {
  const response = await fetch(`${url}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok || text !== '{}') throw new Error(`${signal} answered ${response.status}: ${text}`);
}

interface SpanPlan {
  readonly service: string;
  readonly name: string;
  readonly kind: number;
  readonly startMs: number;
  readonly durationMs: number;
  readonly parent?: number;
  readonly error?: string;
  readonly attributes?: Record<string, string | number | boolean>;
}

const order: readonly SpanPlan[] = [
  {
    service: 'storefront',
    name: 'POST /orders',
    kind: 2,
    startMs: 0,
    durationMs: 1240,
    error: 'checkout failed',
    attributes: { 'http.request.method': 'POST', 'http.route': '/orders', 'http.response.status_code': 502 },
  },
  {
    service: 'storefront',
    name: 'POST checkout',
    kind: 3,
    startMs: 10,
    durationMs: 1210,
    parent: 0,
    error: 'checkout failed',
  },
  {
    service: 'checkout',
    name: 'POST /charge',
    kind: 2,
    startMs: 20,
    durationMs: 1190,
    parent: 1,
    error: 'payment declined',
  },
  {
    service: 'checkout',
    name: 'SELECT carts',
    kind: 3,
    startMs: 40,
    durationMs: 120,
    parent: 2,
    attributes: { 'db.system.name': 'postgresql', 'db.response.returned_rows': 3 },
  },
  {
    service: 'payment',
    name: 'authorize card',
    kind: 2,
    startMs: 220,
    durationMs: 840,
    parent: 2,
    error: 'payment declined',
    attributes: { 'payment.attempts': 3 },
  },
];

export const orderTraceId = '0af7651916cd43dd8448eb211c80319c';

/** Sends one trace made by the plan, ending `agoMs` before now; returns its span ids in order. */
async function sendTrace(
  url: string,
  key: Key,
  traceId: string,
  plan: readonly SpanPlan[],
  agoMs: number,
): Promise<string[]> {
  const ids = plan.map(() => randomBytes(8).toString('hex'));
  const baseMs = Date.now() - agoMs;
  const nano = (ms: number) => `${BigInt(Math.round(ms * 1000)) * 1000n}`;
  await post(url, key, 'traces', {
    resourceSpans: plan.map((span, index) => ({
      resource: { attributes: attributes({ 'service.name': span.service, 'service.version': '1.4.2' }) },
      scopeSpans: [
        {
          scope: { name: 'shop', version: '1.0.0' },
          spans: [
            {
              traceId,
              spanId: ids[index],
              ...(span.parent === undefined ? {} : { parentSpanId: ids[span.parent] }),
              name: span.name,
              kind: span.kind,
              startTimeUnixNano: nano(baseMs + span.startMs),
              endTimeUnixNano: nano(baseMs + span.startMs + span.durationMs),
              attributes: attributes(span.attributes ?? {}),
              ...(span.error
                ? {
                    status: { code: 2, message: span.error },
                    events: [
                      {
                        timeUnixNano: nano(baseMs + span.startMs + span.durationMs),
                        name: 'exception',
                        attributes: attributes({ 'exception.type': 'PaymentError', 'exception.message': span.error }),
                      },
                    ],
                  }
                : {}),
            },
          ],
        },
      ],
    })),
  });
  return ids;
}

/** Fills the default tenant. */
export async function sendShopTelemetry(url: string, key: Key): Promise<void> {
  const ids = await sendTrace(url, key, orderTraceId, order, 60_000);
  for (let index = 0; index < 40; index += 1) {
    const plan = order.slice(0, 3).map(({ error: _, ...span }) => ({
      ...span,
      durationMs: 20 + index * 5 - span.startMs / 2,
      startMs: span.startMs / 10,
    }));
    await sendTrace(url, key, randomBytes(16).toString('hex'), plan, 5000 + index * 20_000);
  }
  const now = BigInt(Date.now()) * 1_000_000n;
  const log = (agoMs: number, severityNumber: number, severityText: string, text: string, extra: object = {}) => ({
    timeUnixNano: String(now - BigInt(agoMs) * 1_000_000n),
    severityNumber,
    severityText,
    body: { stringValue: text },
    ...extra,
  });
  await post(url, key, 'logs', {
    resourceLogs: [
      {
        resource: { attributes: attributes({ 'service.name': 'payment', 'service.version': '5.0.3' }) },
        scopeLogs: [
          {
            scope: { name: 'shop' },
            logRecords: [
              log(59_000, 17, 'ERROR', 'payment declined: acquirer did not answer', {
                traceId: orderTraceId,
                spanId: ids[4],
                attributes: attributes({ 'payment.attempts': 3, 'order.id': 4711 }),
              }),
              ...Array.from({ length: 120 }, (_, i) =>
                log(2000 + i * 9000, 9, 'INFO', `card charged for order ${5000 + i}`, {
                  attributes: attributes({ 'order.id': 5000 + i }),
                }),
              ),
              ...Array.from({ length: 12 }, (_, i) =>
                log(4000 + i * 60_000, 13, 'WARN', 'acquirer is slow', {
                  attributes: attributes({ 'latency.ms': 400 + i }),
                }),
              ),
            ],
          },
        ],
      },
    ],
  });
  await post(url, key, 'metrics', {
    resourceMetrics: [
      {
        resource: { attributes: attributes({ 'service.name': 'checkout' }) },
        scopeMetrics: [
          {
            scope: { name: 'shop' },
            metrics: [
              {
                name: 'shop.orders',
                unit: '{order}',
                description: 'Orders placed.',
                sum: {
                  aggregationTemporality: 2,
                  isMonotonic: true,
                  dataPoints: ['teapot', 'lantern'].flatMap((sku, s) =>
                    Array.from({ length: 30 }, (_, i) => ({
                      attributes: attributes({ 'shop.sku': sku }),
                      startTimeUnixNano: String(now - 1_800_000_000_000n),
                      timeUnixNano: String(now - BigInt(30 - i) * 60_000_000_000n + 30_000_000_000n),
                      asInt: String(i * (s + 2)),
                    })),
                  ),
                },
              },
              {
                name: 'shop.queue.depth',
                unit: '{message}',
                description: 'Orders waiting for fulfilment.',
                gauge: {
                  dataPoints: Array.from({ length: 30 }, (_, i) => ({
                    timeUnixNano: String(now - BigInt(30 - i) * 60_000_000_000n + 30_000_000_000n),
                    asDouble: 5 + 4 * Math.sin(i / 3),
                  })),
                },
              },
            ],
          },
        ],
      },
    ],
  });
}
