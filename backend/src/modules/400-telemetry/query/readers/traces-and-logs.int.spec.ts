import { LogsQuery, LogsResponse, TraceResponse, TracesQuery, TracesResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TelemetryStore } from '../store.js';
import { logRow, OTHER_TENANT, resourceRow, scopeRow, spanRow, TENANT, type SpanInput } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { FieldReader } from './field-reader.js';
import { IdentityReader } from './identities.js';
import { LogReader } from './log-reader.js';
import { OverviewReader } from './overview-reader.js';
import { ServiceReader } from './service-reader.js';
import { StatusReader } from './status-reader.js';
import { TraceReader } from './trace-reader.js';

/** Noon of the day before yesterday: rows beyond the tables' TTL would vanish. */
const NOW_MS = Math.floor(Date.now() / 86_400_000 - 2) * 86_400_000 + 43_200_000;
const iso = (secondsAgo: number) => new Date(NOW_MS - secondsAgo * 1000).toISOString();
const NOW_NS = BigInt(NOW_MS) * 1_000_000n;
const SECOND = 1_000_000_000n;
const scope = { tenantId: TENANT };
const other = { tenantId: OTHER_TENANT };

const T1 = '01'.repeat(16);
const T2 = '02'.repeat(16);
const T3 = '03'.repeat(16);
const T4 = '04'.repeat(16);
const FOREIGN = '05'.repeat(16);

let engine: TelemetryEngine;
let traces: TraceReader;
let logs: LogReader;

const spans: SpanInput[] = [
  {
    trace: T1,
    span: '0101010101010101',
    startNs: NOW_NS - 100n * SECOND + 7n,
    durationNs: 2n * SECOND,
    name: 'GET /cart',
    service: 'cart',
    kind: 2,
    resourceId: '11',
    scopeId: '21',
    attributes: {
      'http.route': '/cart',
      'http.status': { int: 200 },
      big: { int: '9007199254740993' },
      ratio: { double: 0.5 },
      ok: true,
      list: { json: '[1,9007199254740993,"x",null,{"a":false}]' },
      raw: { bytes: 'AQI=' },
      empty: null,
    },
  },
  {
    trace: T1,
    span: '0202020202020202',
    parent: '0101010101010101',
    startNs: NOW_NS - 99n * SECOND,
    durationNs: 3n * SECOND,
    name: 'SELECT',
    service: 'db',
    kind: 3,
    status: 2,
    statusMessage: 'deadlock detected',
    attributes: { 'http.status': { int: 500 } },
  },
  // The same start twice: only the id tells them apart.
  { trace: T2, span: '0303030303030303', startNs: NOW_NS - 5000n * SECOND, name: 'same', service: 'cart' },
  { trace: T3, span: '0404040404040404', startNs: NOW_NS - 5000n * SECOND, name: 'same', service: 'cart' },
  // A root that has not arrived, in an earlier window than its own last span.
  {
    trace: T4,
    span: '0505050505050505',
    parent: '0606060606060606',
    startNs: NOW_NS - 3000n * SECOND,
    durationNs: 1n,
    name: 'early',
    attributes: { a: '1' },
  },
  {
    trace: T4,
    span: '0707070707070707',
    parent: '0606060606060606',
    startNs: NOW_NS - 10n * SECOND,
    durationNs: 5n,
    name: 'late',
    attributes: { b: '2' },
  },
  {
    tenant: OTHER_TENANT,
    trace: FOREIGN,
    span: '0101010101010101',
    startNs: NOW_NS - 50n * SECOND,
    name: 'secret',
    service: 'cart',
    resourceId: '11',
  },
];

beforeAll(async () => {
  engine = await startTelemetryEngine();
  const identities = new IdentityReader(engine.store);
  traces = new TraceReader(engine.store, identities);
  logs = new LogReader(engine.store, identities);
  const resource = { 'service.name': 'cart', 'host.name': 'web-1', 'process.pid': { int: 42 } };
  // Twice: replaced rows are not merged yet.
  await engine.insert('resources_v3', [
    resourceRow('11', resource),
    resourceRow('11', { 'host.name': 'leak' }, OTHER_TENANT),
  ]);
  await engine.insert('resources_v3', [resourceRow('11', resource)]);
  await engine.insert('scopes_v3', [scopeRow('21', 'io.http', '1.2.3', { lib: 'x' })]);
  const withChildren = {
    'events.timestamp': ['1773143900.000000001'],
    'events.name': ['exception'],
    'events.attributes': [{ 'exception.type': 'E', n: '3' }],
    'events.attribute_types': ['si'],
    'events.dropped_attributes_count': [1],
    'links.trace_id': ['\u0001'.repeat(16)],
    'links.span_id': ['\u0002'.repeat(8)],
    'links.trace_state': ['k=v'],
    'links.flags': [1],
    'links.attributes': [{ why: 'retry' }],
    'links.attribute_types': ['s'],
    'links.dropped_attributes_count': [0],
  };
  const rows = spans.map((s, i) => ({ ...spanRow(s), ...(i === 0 ? withChildren : {}) }));
  // In several inserts, so that a trace has several unmerged summary rows.
  for (const row of rows) await engine.insert('spans_v3', [row]);
  await engine.insert('logs_v3', [
    logRow({
      id: '18446744073709551615',
      timeNs: NOW_NS - 60n * SECOND,
      body: 'Connection timeout to db-1',
      severity: 17,
      trace: T1,
      span: '0101010101010101',
      resourceId: '11',
      scopeId: '21',
      service: 'cart',
      attributes: { attempt: { int: 3 } },
    }),
    logRow({ id: '2', timeNs: NOW_NS - 60n * SECOND, body: 'timeouts are fine', severity: 13 }),
    logRow({ id: '1', timeNs: NOW_NS - 60n * SECOND, body: 'größter Käse', severity: 5 }),
    logRow({
      id: '3',
      timeNs: NOW_NS - 4000n * SECOND,
      body: { json: '{"msg":"hello","n":12345678901234567890}' },
      severity: 0,
      severityText: 'Warning',
    }),
    logRow({
      id: '4',
      timeNs: NOW_NS - 90n * SECOND,
      body: { int: 5 },
      severity: 9,
      trace: T1,
      eventName: 'order.placed',
    }),
    logRow({ tenant: OTHER_TENANT, id: '9', timeNs: NOW_NS - 60n * SECOND, body: 'secret timeout', trace: T1 }),
  ]);
});
afterAll(() => engine?.stop());

const listTraces = (query: object, who = scope) =>
  traces.list(TracesQuery.parse({ from: 'now-2h', ...query }), who, NOW_MS);
const listLogs = (query: object, who = scope) => logs.list(LogsQuery.parse({ from: 'now-2h', ...query }), who, NOW_MS);
const traceIds = async (filter: string) => (await listTraces({ filter })).data.map((t) => t.traceId);
const logIds = async (filter: string) => (await listLogs({ filter })).data.map((l) => l.id);

describe('trace list', () => {
  it('summarises whole traces, newest start first', async () => {
    const answer = TracesResponse.parse(await listTraces({}));
    expect(answer.data.map((t) => t.traceId)).toEqual([T1, T4, T3, T2]);
    expect(answer.meta.nextCursor).toBeNull();
    expect(answer.data[0]).toEqual({
      traceId: T1,
      rootServiceName: 'cart',
      rootSpanName: 'GET /cart',
      startTime: iso(100),
      startTimeUnixNano: (NOW_NS - 100n * SECOND + 7n).toString(),
      durationNs: (4n * SECOND - 7n).toString(),
      spanCount: 2,
      errorCount: 1,
      services: ['cart', 'db'],
      hasRoot: true,
    });
    expect(answer.data[1]).toMatchObject({ hasRoot: false, spanCount: 2 });
  });

  it('finds traces by one matching span', async () => {
    expect(await traceIds('status:error')).toEqual([T1]);
    expect(await traceIds('service:cart AND http.status:500')).toEqual([]);
    expect(await traceIds('service:cart')).toEqual([T1, T3, T2]);
    expect(await traceIds('http.status:>=500')).toEqual([T1]);
    expect(await traceIds('duration:>2500ms')).toEqual([T1]);
    // The span that matches lies in a newer window than the trace's start.
    expect(await traceIds('b:2')).toEqual([T4]);
    expect(await traceIds('a:1 b:2')).toEqual([]);
    expect(await traceIds('deadlock')).toEqual([T1]);
    expect(await traceIds('host.name:web-1')).toEqual([T1]);
    expect(await traceIds('resource.process.pid>=42 scope.name:io.*')).toEqual([T1]);
    expect(await traceIds('nonsense.field:1')).toEqual([]);
  });

  it('pages through equal start times without gap or repetition', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: TracesResponse = await listTraces({ limit: 1, ...(cursor === null ? {} : { cursor }) });
      seen.push(...page.data.map((t) => t.traceId));
      cursor = page.meta.nextCursor;
    } while (cursor !== null && seen.length < 10);
    expect(seen).toEqual([T1, T4, T3, T2]);
  });

  it('refuses what it cannot read, naming the field', async () => {
    await expect(listTraces({ filter: 'service:' })).rejects.toMatchObject({
      code: 'QUERY_SYNTAX',
      errors: [{ path: 'filter' }],
    });
    await expect(listTraces({ filter: 'duration:>fast' })).rejects.toMatchObject({ code: 'QUERY_SYNTAX' });
    await expect(listTraces({ filter: 'name~"("' })).rejects.toMatchObject({
      code: 'QUERY_SYNTAX',
      errors: [{ path: 'filter' }],
    });
    await expect(listTraces({ cursor: 'xx' })).rejects.toMatchObject({ errors: [{ path: 'cursor' }] });
    await expect(listTraces({ from: 'now', to: 'now-1h' })).rejects.toMatchObject({ errors: [{ path: 'from' }] });
  });
});

describe('trace by id', () => {
  it('carries every field with its type', async () => {
    const trace = TraceResponse.parse(await traces.byId(T1.toUpperCase(), scope));
    expect(trace).toMatchObject({ traceId: T1, truncated: false, spanCount: 2 });
    const [root, child] = trace.spans;
    expect(root?.attributes).toEqual({
      'http.route': '/cart',
      'http.status': 200,
      big: '9007199254740993',
      ratio: 0.5,
      ok: true,
      list: [1, '9007199254740993', 'x', null, { a: false }],
      raw: 'AQI=',
      empty: null,
    });
    expect(root).toMatchObject({
      spanId: '0101010101010101',
      parentSpanId: '',
      kind: 'server',
      statusCode: 'unset',
      startTimeUnixNano: (NOW_NS - 100n * SECOND + 7n).toString(),
      endTimeUnixNano: (NOW_NS - 98n * SECOND + 7n).toString(),
      resourceAttributes: { 'service.name': 'cart', 'host.name': 'web-1', 'process.pid': 42 },
      scope: { name: 'io.http', version: '1.2.3', attributes: { lib: 'x' }, schemaUrl: 'https://schema.example/1' },
    });
    expect(root?.events).toEqual([
      {
        timeUnixNano: '1773143900000000001',
        name: 'exception',
        attributes: { 'exception.type': 'E', n: 3 },
        droppedAttributesCount: 1,
      },
    ]);
    expect(root?.links).toEqual([
      {
        traceId: T1,
        spanId: '0202020202020202',
        traceState: 'k=v',
        flags: 1,
        attributes: { why: 'retry' },
        droppedAttributesCount: 0,
      },
    ]);
    expect(child).toMatchObject({
      parentSpanId: '0101010101010101',
      statusCode: 'error',
      statusMessage: 'deadlock detected',
    });
  });

  it('answers unknown and foreign ids alike, and refuses malformed ones', async () => {
    await expect(traces.byId('0f'.repeat(16), scope)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(traces.byId(FOREIGN, scope)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(traces.byId('xyz', scope)).rejects.toMatchObject({
      code: 'VALIDATION_FAILED',
      errors: [{ path: 'traceId' }],
    });
  });
});

describe('logs', () => {
  it('lists newest first with equal times by id, in pages', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: LogsResponse = LogsResponse.parse(
        await listLogs({ limit: 2, ...(cursor === null ? {} : { cursor }) }),
      );
      seen.push(...page.data.map((l) => l.id));
      cursor = page.meta.nextCursor;
    } while (cursor !== null && seen.length < 20);
    expect(seen).toEqual(['18446744073709551615', '2', '1', '4', '3']);
    expect((await listLogs({ order: 'asc' })).data.map((l) => l.id)).toEqual([...seen].reverse());
  });

  it('carries bodies, identities and correlation', async () => {
    const [first] = (await listLogs({ filter: 'severity:error' })).data;
    expect(first).toMatchObject({
      id: '18446744073709551615',
      body: 'Connection timeout to db-1',
      traceId: T1,
      spanId: '0101010101010101',
      attributes: { attempt: 3 },
      resourceAttributes: { 'host.name': 'web-1' },
      scope: { name: 'io.http' },
      timeUnixNano: (NOW_NS - 60n * SECOND).toString(),
      observedTimeUnixNano: (NOW_NS - 60n * SECOND + 1n).toString(),
    });
    const byId = new Map((await listLogs({})).data.map((l) => [l.id, l]));
    expect(byId.get('3')?.body).toEqual({ msg: 'hello', n: '12345678901234567890' });
    expect(byId.get('4')?.body).toBe(5);
    expect(byId.get('2')).toMatchObject({ traceId: '', spanId: '' });
  });

  it.each([
    ['timeout', ['18446744073709551615']],
    ['TIMEOUT*', ['18446744073709551615', '2']],
    ['"timeout to DB-1"', ['18446744073709551615']],
    ['body:connection', ['18446744073709551615']],
    ['KÄSE', ['1']],
    ['severity:>=warn', ['18446744073709551615', '2', '3']],
    ['severity:warning', ['2', '3']],
    ['severity:<info', ['1']],
    ['-severity:>=info', ['1']],
    ['attempt:>2', ['18446744073709551615']],
    [`trace_id:${T1}`, ['18446744073709551615', '4']],
    ['event.name:order.*', ['4']],
    ['body~"^t.*e$"', ['2']],
    ['exists(attempt)', ['18446744073709551615']],
  ])('finds %s', async (filter, ids) => {
    expect(await logIds(filter)).toEqual(ids);
  });

  it('lists those of a trace, oldest first', async () => {
    const answer = await logs.ofTrace(T1, { limit: 1 }, scope);
    expect(answer.data.map((l) => l.id)).toEqual(['4']);
    const next = await logs.ofTrace(T1, { limit: 5, cursor: answer.meta.nextCursor ?? '' }, scope);
    expect(next.data.map((l) => l.id)).toEqual(['18446744073709551615']);
    expect((await logs.ofTrace(T2, { limit: 5 }, scope)).data).toEqual([]);
  });

  it('counts by severity with empty buckets present', async () => {
    const query = { from: 'now-2m', to: 'now', filter: '', buckets: 4 };
    const answer = await logs.histogram(query, scope, NOW_MS);
    expect(answer.stepMs).toBe(30_000);
    expect(answer.total).toBe(4);
    expect(answer.buckets.map((b) => b.counts)).toEqual([{}, { info: 1 }, { debug: 1, warn: 1, error: 1 }, {}]);
  });
});

describe('tenants', () => {
  it('never meet', async () => {
    expect((await listTraces({}, other)).data.map((t) => t.rootSpanName)).toEqual(['secret']);
    expect((await listLogs({}, other)).data.map((l) => l.body)).toEqual(['secret timeout']);
    expect((await logs.ofTrace(T1, { limit: 9 }, other)).data.map((l) => l.id)).toEqual(['9']);
    const trace = await traces.byId(FOREIGN, other);
    expect(trace.spans[0]?.resourceAttributes).toEqual({ 'host.name': 'leak' });
    expect((await listTraces({ filter: 'host.name:leak' })).data).toEqual([]);
  });

  it('are kept apart by the engine even when a statement forgets to', async () => {
    const all = { sql: 'SELECT DISTINCT toString(tenant_id) AS tenant FROM spans_v3', params: {} };
    expect(await new TelemetryStore(engine.clickhouse).query(all, scope)).toEqual([{ tenant: TENANT }]);
    const qualified = { ...all, sql: all.sql.replace('spans_v3', 'telemetry.spans_v3') };
    expect(await engine.store.query(qualified, other)).toEqual([{ tenant: OTHER_TENANT }]);
    await expect(engine.store.query(all, { tenantId: `x' OR 1=1 --` })).rejects.toThrow('A tenant id is a UUID');
  });

  it.each([
    `name:"') OR 1=1 --"`,
    `"' OR ''='"`,
    `service:"x' UNION ALL SELECT * FROM spans_v3 --"`,
    `attributes."a'] OR 1=1 --":x`,
    `"{p1:String}":"{tenant:UUID}"`,
    `name:"\\\\' OR 1=1 --"`,
    `name:"%" OR name:"_"`,
    `name:"\\t\\n\\\\N"`,
  ])('are not reached by %s', async (filter) => {
    expect((await listTraces({ filter })).data).toEqual([]);
    expect((await listLogs({ filter })).data).toEqual([]);
  });
});

describe('services, overview, status, fields', () => {
  const range = { from: 'now-2h', to: 'now' };

  it('lists services with their signals', async () => {
    const { data } = await new ServiceReader(engine.store).list(range, scope, NOW_MS);
    expect(data.map((s) => [s.name, s.signals])).toEqual([
      ['cart', ['traces', 'logs']],
      ['db', ['traces']],
      ['shop', ['traces', 'logs']],
    ]);
    expect(data[0]).toMatchObject({ spanCount: 3, errorCount: 0, p95DurationNs: '2000000000', requestRate: 1 / 7200 });
    expect(data[1]).toMatchObject({ errorCount: 1, p95DurationNs: null });
  });

  it('counts for the overview', async () => {
    const answer = await new OverviewReader(engine.store).read(range, scope, NOW_MS);
    expect(answer).toMatchObject({
      spanCount: 6,
      traceCount: 4,
      errorCount: 1,
      logCount: 5,
      logErrorCount: 1,
      stepMs: 120_000,
    });
    expect(answer.points).toHaveLength(60);
    expect(answer.points.at(-1)).toEqual({ time: NOW_MS - 120_000, requests: 1, errors: 0, p95Ms: 2000, logs: 4 });
  });

  it('says when data last arrived', async () => {
    const status = await new StatusReader(engine.store).read(scope, NOW_MS);
    expect(status).toMatchObject({
      traces: iso(10),
      logs: iso(60),
      metrics: null,
      services: ['cart'],
    });
    const none = await new StatusReader(engine.store).read(
      { tenantId: '019a0000-0000-7000-8000-000000000003' },
      NOW_MS,
    );
    expect(none).toEqual({ traces: null, logs: null, metrics: null, services: [] });
  });

  it('names fields with their types', async () => {
    const { data } = await new FieldReader(engine.store).list({ signal: 'spans', search: '' }, scope, NOW_MS);
    expect(data).toContainEqual({ name: 'duration', source: 'field', type: 'duration' });
    expect(data).toContainEqual({ name: 'http.status', source: 'attribute', type: 'number' });
    expect(data).toContainEqual({ name: 'resource.host.name', source: 'resource', type: 'string' });
    const found = await new FieldReader(engine.store).list({ signal: 'logs', search: 'att' }, scope, NOW_MS);
    expect(found.data).toEqual([{ name: 'attempt', source: 'attribute', type: 'number' }]);
  });
});

describe('limits', () => {
  it('names the limit and how to narrow', async () => {
    const heavy = { sql: 'SELECT groupArray(number) FROM numbers(1000000000)', params: {} };
    await expect(engine.store.query(heavy, scope)).rejects.toMatchObject({
      code: 'QUERY_LIMIT_EXCEEDED',
      message: expect.stringMatching(/512 MiB.*shorter time range/),
    });
  });

  it('ends when the caller leaves', async () => {
    const gone = new AbortController();
    const slow = { sql: 'SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1', params: {} };
    const answer = engine.store.query(slow, { ...scope, signal: gone.signal });
    gone.abort();
    await expect(answer).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});
