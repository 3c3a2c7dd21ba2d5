import { ServiceMapResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OTHER_TENANT, spanRow, TENANT, type SpanInput } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { iso, NOW_MS, NOW_NS, SECOND } from '../testing/traces-scene.js';
import { ServiceMapReader } from './service-map-reader.js';
import { ServiceReader } from './service-reader.js';

const [SERVER, CLIENT, PRODUCER, CONSUMER] = [2, 3, 4, 5];
const ERROR = 2;
const MS = 1_000_000n;
const scope = { tenantId: TENANT };
/** The hour that ends now. */
const query = { from: 'now-1h', to: 'now' };
let engine: TelemetryEngine;
let maps: ServiceMapReader;
let count = 0;

const nextId = () => (++count).toString(8).padStart(16, '0');
const trace = (n: number) => n.toString(8).padStart(32, '0');
/** A span of a trace, 100 s ago unless told; answers its id. */
function span(rows: SpanInput[], n: number, rest: Partial<SpanInput>): string {
  const id = nextId();
  rows.push({ trace: trace(n), span: id, startNs: NOW_NS - 100n * SECOND, ...rest });
  return id;
}

/**
 * By hand:
 *
 *     web ─(2 calls, 1 failed, 300 ms)→ cart ─(2, 20 ms)→ postgresql shop
 *      │                                  └─(1 message)→ mailer (its consumer span has the producer's as its parent)
 *      ├─(1, failed, never answered)→ cart, which it names by its host
 *      └─(1)→ api.example.com             orders ─→ kafka:paid ─(1)→ ledger     lonely
 */
function scene(): SpanInput[] {
  const rows: SpanInput[] = [];
  for (const n of [1, 2]) {
    const root = span(rows, n, { service: 'web', kind: SERVER, durationNs: 400n * MS });
    const call = span(rows, n, { service: 'web', kind: CLIENT, parent: root, durationNs: 300n * MS });
    const cart = span(rows, n, {
      service: 'cart',
      kind: SERVER,
      parent: call,
      durationNs: 250n * MS,
      status: n === 2 ? ERROR : 0,
    });
    // Within the service: no edge, whatever its kind.
    const inner = span(rows, n, { service: 'cart', kind: 1, parent: cart });
    span(rows, n, {
      service: 'cart',
      kind: CLIENT,
      parent: inner,
      durationNs: 20n * MS,
      attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'shop', 'server.address': 'db-1' },
    });
    if (n === 1) {
      const send = span(rows, n, {
        service: 'cart',
        kind: PRODUCER,
        parent: cart,
        attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'mail' },
      });
      span(rows, n, {
        service: 'mailer',
        kind: CONSUMER,
        parent: send,
        durationNs: 70n * MS,
        attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'mail' },
      });
    }
  }
  span(rows, 3, {
    service: 'web',
    kind: CLIENT,
    status: ERROR,
    durationNs: 5n * SECOND,
    attributes: { 'server.address': 'cart' },
  });
  span(rows, 3, { service: 'web', kind: CLIENT, attributes: { 'url.full': 'https://api.example.com:8443/v1?q=1' } });
  // Batches: the consumer's span begins a trace of its own.
  const paid = { 'messaging.system': 'kafka', 'messaging.destination.name': 'paid' };
  span(rows, 4, { service: 'orders', kind: PRODUCER, attributes: paid });
  span(rows, 5, { service: 'ledger', kind: CONSUMER, attributes: paid });
  span(rows, 6, { service: 'lonely', kind: SERVER });
  // No peer is named: there is nothing to draw.
  span(rows, 6, { service: 'lonely', kind: CLIENT });
  // Of another time and of another tenant.
  const old = span(rows, 7, { service: 'old', kind: CLIENT, startNs: NOW_NS - 7200n * SECOND });
  span(rows, 7, { service: 'older', kind: SERVER, parent: old, startNs: NOW_NS - 7200n * SECOND });
  const secret = span(rows, 8, { tenant: OTHER_TENANT, service: 'secret', kind: CLIENT });
  span(rows, 8, { tenant: OTHER_TENANT, service: 'cart', kind: SERVER, parent: secret });
  // Ids are unique in a tenant's traces only: a foreign child answers no call of ours.
  const borrowed = span(rows, 9, { service: 'lonely', kind: CLIENT });
  span(rows, 9, { tenant: OTHER_TENANT, service: 'secret', kind: SERVER, parent: borrowed });
  return rows;
}

beforeAll(async () => {
  engine = await startTelemetryEngine();
  maps = new ServiceMapReader(engine.store, new ServiceReader(engine.store));
  await engine.insert('spans_v3', scene().map(spanRow));
});
afterAll(() => engine?.stop());

const read = async (asked = query, maxSpans?: number) =>
  ServiceMapResponse.parse(await maps.read(asked, scope, NOW_MS, maxSpans));

it('draws the calls that were counted by hand', async () => {
  const { edges, sampledOneIn, truncated } = await read();
  expect({ sampledOneIn, truncated }).toEqual({ sampledOneIn: 1, truncated: false });
  const drawn = edges.map(({ source, target, calls, errors, p95DurationNs }) =>
    [source, target, calls, errors, Number(p95DurationNs) / 1e6].join(' '),
  );
  expect(drawn).toEqual([
    'queue:kafka:paid service:ledger 1 0 1',
    'service:cart database:postgresql:shop 2 0 20',
    // What processing took, not what sending did.
    'service:cart service:mailer 1 0 70',
    'service:orders queue:kafka:paid 1 0 1',
    'service:web external:api.example.com 1 0 1',
    // Two answered calls, of which one failed, and one that cart never saw.
    'service:web service:cart 3 2 300',
  ]);
  expect(edges.at(-1)?.rate).toBeCloseTo(3 / 3600, 9);
});

it('draws every service, those without calls too, and what they call', async () => {
  const { nodes } = await read();
  expect(nodes.map(({ id, requests, errors }) => `${id} ${requests} ${errors}`)).toEqual([
    'database:postgresql:shop 2 0',
    'external:api.example.com 1 0',
    'queue:kafka:paid 2 0',
    'service:cart 2 1',
    'service:ledger 1 0',
    'service:lonely 1 0',
    'service:mailer 1 0',
    'service:orders 0 0',
    'service:web 2 0',
  ]);
  expect(nodes.find(({ id }) => id === 'service:cart')).toMatchObject({ p95DurationNs: '250000000', system: '' });
  expect(nodes.find(({ id }) => id === 'database:postgresql:shop')).toMatchObject({
    kind: 'database',
    system: 'postgresql',
    name: 'shop',
    p95DurationNs: null,
  });
});

it('reads the asked range alone', async () => {
  expect((await read({ from: iso(7300), to: iso(7100) })).edges.map(({ source, target }) => [source, target])).toEqual([
    ['service:old', 'service:older'],
  ]);
  expect(await read({ from: iso(50), to: iso(0) })).toMatchObject({ nodes: [], edges: [] });
});

it('looks at whole traces of a large range, and counts each for those it left out', async () => {
  const { edges, sampledOneIn } = await read(query, 10);
  expect(sampledOneIn).toBe(2);
  const seen = edges.map(({ calls }) => calls / 2);
  expect(seen.every(Number.isInteger)).toBe(true);
  const sum = seen.reduce((a, b) => a + b, 0);
  expect(sum).toBeGreaterThan(0);
  expect(sum).toBeLessThan(9);
});

it('refuses a reversed range', async () => {
  await expect(read({ from: 'now', to: 'now-1h' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
});
