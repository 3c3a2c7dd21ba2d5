import { FieldsQuery, FieldValuesQuery, LogsQuery, TracesQuery } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigSchema } from '../../../shared/platform/index.js';
import { readLimitsOf } from './read-limits.js';
import { FieldReader } from './readers/field-reader.js';
import { IdentityReader } from './readers/identities.js';
import { LogReader } from './readers/log-reader.js';
import { OverviewReader } from './readers/overview-reader.js';
import { ServiceReader } from './readers/service-reader.js';
import { StatusReader } from './readers/status-reader.js';
import { TraceReader } from './readers/trace-reader.js';
import { TelemetryStore } from './store.js';
import { logRow, OTHER_TENANT, TENANT } from './testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from './testing/telemetry-engine.js';
import { FOREIGN, insertTracesAndLogs, NOW_MS, T1 } from './testing/traces-scene.js';

const scope = { tenantId: TENANT };
const other = { tenantId: OTHER_TENANT };
let engine: TelemetryEngine;
let traces: TraceReader;
let logs: LogReader;

beforeAll(async () => {
  engine = await startTelemetryEngine();
  const identities = new IdentityReader(engine.store);
  traces = new TraceReader(engine.store, identities);
  logs = new LogReader(engine.store, identities);
  await insertTracesAndLogs(engine);
});
afterAll(() => engine?.stop());

const listTraces = (query: object, who = scope) =>
  traces.list(TracesQuery.parse({ from: 'now-2h', ...query }), who, NOW_MS);
const listLogs = (query: object, who = scope) => logs.list(LogsQuery.parse({ from: 'now-2h', ...query }), who, NOW_MS);

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
    expect(await engine.store.query(all, scope)).toEqual([{ tenant: TENANT }]);
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
    expect(status).toMatchObject({ metrics: null, services: ['cart'] });
    // Arrived just now, although it tells of the day before yesterday.
    for (const arrived of [status.traces, status.logs]) {
      expect(Math.abs(Date.now() - Date.parse(arrived ?? ''))).toBeLessThan(60_000);
    }
    const later = await new StatusReader(engine.store).read(scope, NOW_MS + 300 * 86_400_000);
    expect(later.traces).toBe(status.traces);
    const none = await new StatusReader(engine.store).read(
      { tenantId: '019a0000-0000-7000-8000-000000000003' },
      NOW_MS,
    );
    expect(none).toEqual({ traces: null, logs: null, metrics: null, services: [] });
  });

  it('names fields with their types', async () => {
    const listFields = (query: object) => new FieldReader(engine.store).list(FieldsQuery.parse(query), scope, NOW_MS);
    const { data } = await listFields({ signal: 'spans' });
    expect(data).toContainEqual({ name: 'duration', source: 'field', type: 'duration' });
    expect(data).toContainEqual({ name: 'http.status', source: 'attribute', type: 'number' });
    expect(data).toContainEqual({ name: 'resource.host.name', source: 'resource', type: 'string' });
    const found = await listFields({ signal: 'logs', search: 'att' });
    expect(found.data).toEqual([{ name: 'attempt', source: 'attribute', type: 'number' }]);
  });

  it('offers the values of a key, and none of what is never the same', async () => {
    const tenant = '019a0000-0000-7000-8000-000000000004';
    const rows = Array.from({ length: 40 }, (_, i) =>
      logRow({
        tenant,
        id: String(i),
        timeNs: BigInt(NOW_MS) * 1_000_000n,
        attributes: {
          'http.route': i % 4 === 0 ? '/cart' : '/pay',
          'order.id': `order ${i}`,
          'request.id': '4bf92f3577b34da6a3ce929d0e0e4736',
          empty: '',
          long: 'x'.repeat(129),
        },
      }),
    );
    await engine.insert('logs_v3', rows);
    const fields = new FieldReader(engine.store);
    const values = async (field: string, search = '', who: { tenantId: string } = { tenantId: tenant }) =>
      (await fields.values(FieldValuesQuery.parse({ signal: 'logs', field, search }), who, NOW_MS)).data;
    expect(await values('http.route')).toEqual(['/pay', '/cart']);
    expect(await values('attributes.http.route', 'CAR')).toEqual(['/cart']);
    for (const field of ['order.id', 'request.id', 'empty', 'long', 'body']) expect(await values(field)).toEqual([]);
    expect(await values('http.route', '', scope)).toEqual([]);
    expect(await values('resource.host.name', '', scope)).not.toEqual([]);
    const query = FieldsQuery.parse({ signal: 'logs', search: 'id' });
    const { data } = await fields.list(query, { tenantId: tenant }, NOW_MS);
    expect(data.filter(({ source }) => source === 'attribute').map(({ name }) => name)).toEqual([
      'order.id',
      'request.id',
    ]);
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

  it('names the size of an answer, and how to ask for less', async () => {
    const small = { ...readLimitsOf(ConfigSchema.parse({})), maxResultBytes: 1024 ** 2 };
    const store = new TelemetryStore(engine.clickhouse, small);
    const large = { sql: "SELECT repeat('x', 1000) AS x FROM numbers(2000)", params: {} };
    await expect(store.query(large, scope)).rejects.toMatchObject({
      code: 'QUERY_LIMIT_EXCEEDED',
      message: expect.stringMatching(/1 MiB.*fewer records/),
      errors: [{ code: 'size_limit' }],
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
