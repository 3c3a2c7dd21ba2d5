import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  CompareSpansResponse,
  ExemplarsResponse,
  FieldsResponse,
  FieldValuesResponse,
  IngestStatus,
  LogHistogramResponse,
  LogsResponse,
  MetricNamesResponse,
  OverviewResponse,
  Problem,
  ServicesResponse,
  SpansResponse,
  TimeseriesResponse,
  TraceResponse,
  TracesResponse,
} from '@telemetryflow/contracts';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database, systemScope } from '../../../../shared/platform/database/index.js';
import { logRow, spanRow, TENANT } from '../testing/rows.js';
import { startTelemetryApp } from '../testing/telemetry-app.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';

let engine: TelemetryEngine;
let app: NestFastifyApplication;

beforeAll(async () => {
  engine = await startTelemetryEngine();
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  await engine.insert('spans_v3', [
    spanRow({ trace: '01'.repeat(16), span: '02'.repeat(8), startNs: nowNs - 5_000_000_000n, kind: 2 }),
  ]);
  await engine.insert('logs_v3', [
    logRow({ id: '1', timeNs: nowNs - 5_000_000_000n, body: 'hello', trace: '01'.repeat(16) }),
  ]);
  app = await startTelemetryApp(engine);
});
afterAll(async () => {
  await app?.close();
  await engine?.stop();
});

const get = (path: string) => request(app.getHttpServer()).get(`/api/v2/telemetry/${path}`);

const TRACE = '01'.repeat(16);
const cursor = (text: string) => Buffer.from(text).toString('base64url');

it.each([
  ['services', ServicesResponse, { data: [{ name: 'shop' }] }],
  ['spans?sort=slowest&limit=1', SpansResponse, { data: [{ traceId: TRACE }], meta: { nextCursor: null } }],
  ['traces', TracesResponse, { data: [{ traceId: TRACE }] }],
  [`traces/${TRACE}`, TraceResponse, { spanCount: 1 }],
  [`traces/${TRACE}/logs`, LogsResponse, { data: [{ body: 'hello' }] }],
  ['logs?filter=hello&limit=1', LogsResponse, { data: [{ body: 'hello' }], meta: { nextCursor: null } }],
  ['logs/histogram', LogHistogramResponse, { total: 1 }],
  ['metrics/names', MetricNamesResponse, { data: [] }],
  ['metrics/exemplars?metricName=x', ExemplarsResponse, { data: [] }],
  ['metrics/timeseries?metricName=x', TimeseriesResponse, { series: [] }],
  ['status', IngestStatus, { metrics: null }],
  ['overview', OverviewResponse, { spanCount: 1, logCount: 1 }],
  ['fields?signal=logs&search=sever', FieldsResponse, { data: [{ name: 'severity' }] }],
  ['fields/values?signal=logs&field=http.route', FieldValuesResponse, { data: [] }],
] as const)('GET %s', async (path, schema, expected) => {
  const { body } = await get(path).expect(200);
  expect(schema.parse(body)).toMatchObject(expected);
});

it.each([
  ['logs?filter=service:', 400, 'QUERY_SYNTAX', 'filter'],
  ['traces?filter=duration:>fast', 400, 'QUERY_SYNTAX', 'filter'],
  ['metrics/timeseries', 400, 'VALIDATION_FAILED', 'metricName'],
  ['logs?limit=0', 400, 'VALIDATION_FAILED', 'limit'],
  ['logs?cursor=zzz', 400, 'VALIDATION_FAILED', 'cursor'],
  [`logs?cursor=${cursor('9999999999999999999.1')}`, 400, 'VALIDATION_FAILED', 'cursor'],
  [`logs?cursor=${cursor('1700000000000000000.18446744073709551616')}`, 400, 'VALIDATION_FAILED', 'cursor'],
  ['traces?filter=kind:~[', 400, 'QUERY_SYNTAX', 'filter'],
  ['traces?from=now&to=now-1h', 400, 'VALIDATION_FAILED', 'from'],
  ['spans?filter=a:', 400, 'QUERY_SYNTAX', 'filter'],
  ['spans?sort=oldest', 400, 'VALIDATION_FAILED', 'sort'],
  ['traces/xyz', 400, 'VALIDATION_FAILED', 'traceId'],
  [`traces/${'0f'.repeat(16)}`, 404, 'NOT_FOUND', undefined],
  ['fields?signal=nope', 400, 'VALIDATION_FAILED', 'signal'],
])('GET %s answers %d', async (path, status, code, field) => {
  const answer = await get(path)
    .expect(status)
    .expect('content-type', /application\/problem\+json/);
  const problem = Problem.parse(answer.body);
  expect(problem.code).toBe(code);
  expect(problem.errors?.[0]?.path).toBe(field);
});

it.each([
  ['an id at the end of its range', `logs?cursor=${cursor('1700000000000000000.18446744073709551615')}`, 0],
  ['a duration beyond all numbers', `traces?filter=duration:<${'9'.repeat(400)}h`, 1],
  ['a duration that no span lasts', 'traces?filter=duration:>1e300', 0],
  ['a severity below the lowest', 'logs?filter=severity:<0', 0],
  ['a pattern of a kind', 'traces?filter=kind:SERV*', 1],
  ['a regular expression of a kind', 'traces?filter=kind:~^s.*r$', 1],
  ['forty patterns', `traces?filter=${Array.from({ length: 40 }, (_, i) => `k${i}:~(a*)*b`).join(' OR ')}`, 0],
])('takes %s', async (_, path, found) => {
  const { body } = await get(path).expect(200);
  expect(body.data).toHaveLength(found);
});

it.each(['*'.repeat(18), '~(.*){18}'])('does not backtrack over kind:%sx', async (pattern) => {
  const { body } = await get('traces')
    .query({ filter: `kind:${pattern}x` })
    .expect(200);
  expect(body.data).toEqual([]);
});

it('compares spans with the others, if there is something to compare', async () => {
  const compare = (body: object) => request(app.getHttpServer()).post('/api/v2/telemetry/traces/compare').send(body);
  const answer = await compare({ selection: { filter: 'kind:server' } }).expect(200);
  expect(CompareSpansResponse.parse(answer.body)).toMatchObject({
    selectionCount: 1,
    baselineCount: 0,
    attributes: [],
  });
  const refused = await compare({ selection: {} }).expect(400);
  expect(Problem.parse(refused.body).errors?.[0]?.path).toBe('selection');
});

it('says where a filter is wrong and what to write', async () => {
  const { body } = await get('logs').query({ filter: 'service:cart AND' }).expect(400);
  expect(body.errors).toEqual([
    {
      path: 'filter',
      code: 'syntax',
      message: 'At character 17: expected a condition; write field:value, or a word to search for',
    },
  ]);
});

it('refuses who is not signed in', async () => {
  const { status } = await get('logs').set('x-anonymous', '1');
  expect(status).toBe(401);
});

it('completes the fields of a signal only for who may read it', async () => {
  for (const path of ['fields?signal=logs', 'fields/values?signal=logs&field=k']) {
    const { status } = await get(path).set('x-permissions', 'traces:read');
    expect(status).toBe(403);
  }
});

describe('exporting logs', () => {
  const acts = () =>
    app
      .get(Database)
      .transaction(systemScope('platform'), (manager) =>
        manager.query<{ payload: Record<string, unknown> }[]>(
          `SELECT payload FROM outbox WHERE type = 'logs.exported' AND organization_id = $1 ORDER BY id`,
          [TENANT],
        ),
      );
  const permissions = { 'x-permissions': 'logs:read,logs:export' };

  it('is in the trail: who took what of which tenant, and no record', async () => {
    const { text } = await get('logs/export?filter=hello&format=csv&from=now-1h&limit=7&columns=k')
      .set(permissions)
      .expect(200);
    expect(text).toContain('hello');
    const [act, ...others] = await acts();
    expect(others).toEqual([]);
    expect(act?.payload).toMatchObject({
      actor: { type: 'user', email: 'a@b.c' },
      organizationId: TENANT,
      tenantId: TENANT,
      resource: { type: 'tenant', id: TENANT },
      result: 'success',
      ...{ format: 'csv', filter: 'hello', limit: 7, columns: 'k' },
    });
    const { from, to } = act?.payload ?? {};
    expect(Date.parse(String(to)) - Date.parse(String(from))).toBe(3_600_000);
    expect(JSON.stringify(act)).not.toContain(TRACE);
  });

  it('is not when nothing was taken', async () => {
    await get('logs/export?filter=a:').set(permissions).expect(400);
    expect(await acts()).toHaveLength(1);
  });
});

it('answers 503 with Retry-After while the store is away', async () => {
  await engine.runtime.engines[0]?.stop();
  const answer = await get('logs').expect(503);
  expect(answer.body.code).toBe('UNAVAILABLE');
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
});
