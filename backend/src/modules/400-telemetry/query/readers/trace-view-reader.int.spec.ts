import { SpanKind, StatusCode, TraceOutline, TracePeersResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OTHER_TENANT, spanRow, TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { IdentityReader } from './identities.js';
import { TraceReader } from './trace-reader.js';
import { TraceViewReader } from './trace-view-reader.js';

const NOW_NS = BigInt(Math.floor(Date.now() / 1000)) * 1_000_000_000n - 60_000_000_000n;
const TRACE = '0a'.repeat(16);
const EMPTY = '0b'.repeat(16);
const id = (n: number) => n.toString(16).padStart(16, '0');
const scope = { tenantId: TENANT };

let engine: TelemetryEngine;
let views: TraceViewReader;

beforeAll(async () => {
  engine = await startTelemetryEngine();
  const row = { trace: TRACE, service: 'shop' };
  await engine.insert('spans_v3', [
    spanRow({ ...row, span: id(1), startNs: NOW_NS + 1n, durationNs: 9_000_000_001n, name: 'GET /', kind: 2 }),
    spanRow({
      ...row,
      span: id(2),
      parent: id(1),
      startNs: NOW_NS + 1_000_000_002n,
      durationNs: 5n,
      name: 'SELECT',
      kind: 3,
      status: 2,
      attributes: { 'db.system.name': 'postgresql', 'db.namespace': 'orders', 'http.status': { int: 500 } },
    }),
    spanRow({
      ...row,
      span: id(3),
      parent: id(99),
      startNs: NOW_NS + 2_000_000_000n,
      name: 'publish',
      kind: 4,
      service: 'cart',
      attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'orders' },
    }),
    // No caller: whom a server talks to is not its peer.
    spanRow({
      ...row,
      span: id(4),
      parent: id(1),
      startNs: NOW_NS + 3_000_000_000n,
      name: 'GET /',
      kind: 2,
      attributes: { 'peer.service': 'browser' },
    }),
    spanRow({ tenant: OTHER_TENANT, trace: TRACE, span: id(5), startNs: NOW_NS, name: 'secret' }),
  ]);
  const store = engine.store;
  views = new TraceViewReader(store, new TraceReader(store, new IdentityReader(store)));
});
afterAll(() => engine?.stop());

describe('the outline', () => {
  it('has every span of the tenant in its place, with exact times', async () => {
    const outline = TraceOutline.parse(await views.outline(TRACE.toUpperCase(), scope));
    const text = (all: readonly string[], positions: readonly number[]) => positions.map((at) => all[at]);
    expect(outline).toMatchObject({
      traceId: TRACE,
      spanCount: 4,
      truncated: false,
      startTimeUnixNano: (NOW_NS + 1n).toString(),
      spanIds: [id(1), id(2), id(3), id(4)],
      parents: [-1, 0, -2, 0],
      orphans: [[2, id(99)]],
      start: [0, 1_000_000_001, 1_999_999_999, 2_999_999_999],
      names: ['GET /', 'SELECT', 'publish'],
      name: [0, 1, 2, 0],
    });
    expect(outline.duration[0]).toBe(9_000_000_001);
    expect(text(outline.services, outline.service)).toEqual(['shop', 'shop', 'cart', 'shop']);
    expect(text(SpanKind.options, outline.kind)).toEqual(['server', 'client', 'producer', 'server']);
    expect(text(StatusCode.options, outline.status)).toEqual(['unset', 'error', 'unset', 'unset']);
  });

  it('has the events of the spans', async () => {
    const trace = '0c'.repeat(16);
    const at = (ms: number) =>
      new Date(Number(NOW_NS / 1_000_000n) + ms).toISOString().replace('T', ' ').replace('Z', '');
    await engine.insert('spans_v3', [
      {
        ...spanRow({ trace, span: id(1), startNs: NOW_NS, name: 's' }),
        'events.timestamp': [at(1), at(2)],
        'events.name': ['retry', 'exception'],
        'events.attributes': [{}, {}],
        'events.attribute_types': ['', ''],
        'events.dropped_attributes_count': [0, 0],
      },
    ]);
    const outline = await views.outline(trace, scope);
    expect(outline.events.map(([span, ns, name]) => [span, ns, outline.names[name]])).toEqual([
      [0, 1_000_000, 'retry'],
      [0, 2_000_000, 'exception'],
    ]);
  });

  it('refuses an id that is none, and finds nothing of others', async () => {
    await expect(views.outline('x', scope)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(views.outline(EMPTY, scope)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(views.outline(TRACE, { tenantId: OTHER_TENANT })).resolves.toMatchObject({ names: ['secret'] });
  });
});

describe('whom it calls', () => {
  it('is told of clients and producers', async () => {
    const { peers, spans } = TracePeersResponse.parse(await views.peers(TRACE, scope));
    expect(spans.map(([span, at]) => [span, peers[at]])).toEqual([
      [id(2), { kind: 'database', system: 'postgresql', name: 'orders' }],
      [id(3), { kind: 'queue', system: 'kafka', name: 'orders' }],
    ]);
  });

  it('names one that is called twice once', async () => {
    const trace = '0d'.repeat(16);
    const call = { trace, name: 'GET', kind: 3 as const, attributes: { 'server.address': 'api.example' } };
    await engine.insert('spans_v3', [
      spanRow({ ...call, span: id(1), startNs: NOW_NS }),
      spanRow({ ...call, span: id(2), startNs: NOW_NS + 1n }),
      spanRow({ ...call, span: id(3), startNs: NOW_NS + 2n, attributes: {} }),
    ]);
    expect(await views.peers(trace, scope)).toEqual({
      peers: [{ kind: 'external', system: '', name: 'api.example' }],
      spans: [
        [id(1), 0],
        [id(2), 0],
      ],
    });
  });

  it('is nobody of another tenant, and of no trace', async () => {
    expect(await views.peers(TRACE, { tenantId: OTHER_TENANT })).toEqual({ peers: [], spans: [] });
    expect(await views.peers(EMPTY, scope)).toEqual({ peers: [], spans: [] });
    await expect(views.peers('x', scope)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('a span of the trace', () => {
  it('comes with everything it has', async () => {
    expect(await views.span(TRACE, id(2).toUpperCase(), scope)).toMatchObject({
      traceId: TRACE,
      spanId: id(2),
      parentSpanId: id(1),
      durationNs: '5',
      attributes: { 'db.namespace': 'orders', 'http.status': 500 },
    });
  });

  it('is only found in its trace and tenant', async () => {
    await expect(views.span(TRACE, id(5), scope)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(views.span(EMPTY, id(1), scope)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(views.span(TRACE, 'zz', scope)).rejects.toMatchObject({ errors: [{ path: 'spanId' }] });
  });
});

it('a search within finds what a filter of spans finds, in this trace', async () => {
  const ids = async (filter: string) => (await views.matches(TRACE, { filter }, scope)).spanIds;
  expect(await ids('')).toEqual([1, 2, 3, 4].map(id));
  expect(await ids('service:shop AND http.status:>=500')).toEqual([id(2)]);
  expect(await ids('orders')).toEqual([id(2), id(3)]);
  expect(await ids("' OR 1=1 --")).toEqual([]);
  await expect(views.matches(EMPTY, { filter: '' }, scope)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(ids('service:')).rejects.toMatchObject({ code: 'QUERY_SYNTAX' });
});
