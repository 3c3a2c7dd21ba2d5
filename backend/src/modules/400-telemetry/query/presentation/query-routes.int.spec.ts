import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ExplainResponse,
  Problem,
  QueryLine,
  QueryResponse,
  type QueryLine as Line,
  type TelemetryQueryInput,
} from '@telemetryflow/contracts';
import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logRow, spanRow, TENANT } from '../testing/rows.js';
import { startTelemetryApp } from '../testing/telemetry-app.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';

const USERS = 600;
let engine: TelemetryEngine;
let app: NestFastifyApplication;

beforeAll(async () => {
  engine = await startTelemetryEngine();
  const nowNs = BigInt(Date.now()) * 1_000_000n;
  await engine.insert('spans_v3', [
    spanRow({ trace: '01'.repeat(16), span: '02'.repeat(8), startNs: nowNs - 5_000_000_000n, kind: 2 }),
  ]);
  const logs = Array.from({ length: USERS }, (_, i) =>
    logRow({ id: String(i + 1), timeNs: nowNs - BigInt(i) * 1_000_000_000n, attributes: { user: `user ${i}` } }),
  );
  await engine.insert('logs_v3', logs);
  app = await startTelemetryApp(engine);
  await app.listen(0, '127.0.0.1');
}, 60_000);
afterAll(async () => {
  await app?.close();
  await engine?.stop();
});

const count = [{ function: 'count' as const }];
const spans: TelemetryQueryInput = { queries: [{ signal: 'spans', aggregations: count }] };
const byUser: TelemetryQueryInput = {
  range: { from: 'now-1h' },
  step: '1m',
  queries: [
    { label: 'A', signal: 'logs', aggregations: count, groupBy: ['user'], limit: 1000 },
    { label: 'B', signal: 'spans', aggregations: count },
  ],
};
const post = (query: unknown, path = '') =>
  request(app.getHttpServer())
    .post(`/api/v2/telemetry/query${path}`)
    .send(query as object);

describe('POST /telemetry/query', () => {
  it('refuses formulas that would hold everybody else up', async () => {
    const expression = Array.from({ length: 128 }, () => 'A').join('+');
    const query = { ...byUser, formulas: [{ label: 'F1', expression }] };
    await post({ ...query, step: '15m' }).expect(200);
    const refused = await post({ ...query, compare: '1h' }).expect(422);
    expect(refused.body).toMatchObject({
      code: 'QUERY_LIMIT_EXCEEDED',
      errors: [{ path: 'formulas', code: 'calculations_limit' }],
    });
  });

  it('answers and says whether the store was asked', async () => {
    const past = { ...spans, range: { from: 'now-2d', to: String(Date.now() - 86_400_000) } };
    const answer = await post(spans).expect(200).expect('x-cache', 'MISS');
    expect(QueryResponse.parse(answer.body)).toMatchObject({
      results: [{ groups: [{ labels: [], values: [1] }] }],
      meta: { stepMs: 60_000, cache: 'miss', rowsRead: expect.any(Number) },
    });
    const fixed = { ...past, range: { ...past.range, from: String(Date.now() - 2 * 86_400_000) } };
    await post(fixed).expect(200).expect('x-cache', 'MISS');
    const again = await post(fixed).expect(200).expect('x-cache', 'HIT');
    expect(again.body.meta).toMatchObject({ cache: 'hit', rowsRead: 0 });
    const fresh = await post(fixed).set('cache-control', 'no-cache').expect(200).expect('x-cache', 'MISS');
    expect(fresh.body.results).toEqual(again.body.results);
  });

  it('demands the permission of each signal that is asked', async () => {
    for (const path of ['', '/explain']) {
      const refused = await post(byUser, path).set('x-permissions', 'traces:read').expect(403);
      expect(Problem.parse(refused.body).detail).toContain('logs:read');
      await post(spans, path).set('x-permissions', 'traces:read').expect(200);
      await post({ queries: [{ signal: 'traces', aggregations: count }] }, path)
        .set('x-permissions', 'logs:read,metrics:read')
        .expect(403);
      await post(spans, path).set('x-anonymous', '1').expect(401);
    }
  });

  it.each<[unknown, number, string, string]>([
    [{ queries: [] }, 400, 'VALIDATION_FAILED', 'queries'],
    [{ queries: [{ signal: 'spans', limit: 0 }] }, 400, 'VALIDATION_FAILED', 'queries.0.limit'],
    [
      { queries: [{ signal: 'spans', aggregations: [{ function: 'median' }] }] },
      400,
      'VALIDATION_FAILED',
      'queries.0.aggregations.0.function',
    ],
    [{ queries: [{ signal: 'spans', filter: 'a:', aggregations: count }] }, 400, 'QUERY_SYNTAX', 'queries.0.filter'],
    [{ ...spans, range: { from: 'now', to: 'now-1h' } }, 400, 'VALIDATION_FAILED', 'range.from'],
    [{ ...byUser, range: { from: 'now-30d' }, step: '5m' }, 422, 'QUERY_LIMIT_EXCEEDED', 'queries'],
  ])('refuses %j with %d', async (query, status, code, path) => {
    const { body } = await post(query)
      .expect(status)
      .expect('content-type', /application\/problem\+json/);
    const problem = Problem.parse(body);
    expect([problem.code, problem.errors?.[0]?.path]).toEqual([code, path]);
  });

  it('says where a filter is wrong, what was expected, and what to write', async () => {
    const { body } = await post({ queries: [{ signal: 'logs', filter: 'service:cart AND' }] }).expect(400);
    expect(body.errors[0].message).toMatch(/^At character 17: expected .+; write .+/);
  });

  it.each([`') OR 1=1 --`, `{p1:String}`, `\\'; DROP TABLE spans_v3; --`, '`tenant_id`', '%'])(
    'finds nothing by the key %j',
    async (hostile) => {
      const part = { signal: 'spans', groupBy: [hostile], filter: `NOT attributes.${JSON.stringify(hostile)}:x` };
      const { body } = await post({
        step: 'none',
        queries: [
          { ...part, aggregations: [{ function: 'count' }, { function: 'max', field: hostile, alias: hostile }] },
        ],
      }).expect(200);
      expect(body.results[0].groups).toEqual([{ labels: [''], values: [1, null] }]);
    },
  );

  it('is the same in pieces', async () => {
    const response = await post(byUser).expect(200).expect('content-type', 'application/json; charset=utf-8');
    const { results } = QueryResponse.parse(response.body);
    expect(results.map((result) => [result.label, result.kind === 'groups' && result.groups.length])).toEqual([
      ['A', USERS],
      ['B', 1],
    ]);
  });

  it('comes line by line where that is accepted', async () => {
    const { text } = await post(byUser)
      .set('accept', 'application/x-ndjson')
      .buffer(true)
      .parse((res, done) => {
        let all = '';
        res.setEncoding('utf8');
        res.on('data', (piece: string) => (all += piece));
        res.on('end', () => done(null, all));
      })
      .expect(200)
      .expect('content-type', 'application/x-ndjson; charset=utf-8')
      .then(({ body }) => ({ text: String(body) }));
    const lines: Line[] = text
      .trimEnd()
      .split('\n')
      .map((line) => QueryLine.parse(JSON.parse(line)));
    expect([lines[0]?.type, lines.at(-1)?.type]).toEqual(['period', 'meta']);
    const users = lines.flatMap((line) => {
      if (line.type === 'groups') return line.label === 'A' ? line.groups : [];
      return line.type === 'result' && line.result.label === 'A' && line.result.kind === 'groups'
        ? line.result.groups
        : [];
    });
    expect(new Set(users.map(({ labels }) => labels[0])).size).toBe(USERS);
    expect(lines.filter(({ type }) => type === 'groups').length).toBeGreaterThan(2);
  });

  it('still has a status of its own when nothing could be answered line by line', async () => {
    const { body } = await post({ queries: [{ signal: 'spans', filter: 'a:' }] })
      .set('accept', 'application/x-ndjson')
      .expect(400)
      .expect('content-type', /problem\+json/);
    expect(body.code).toBe('QUERY_SYNTAX');
  });

  it('ends in the store when the client leaves', async () => {
    // Slow enough to be met at its work.
    const slow = Array.from({ length: 5 }, (_, i) => `attributes.k${i}:~"(x+x+)+y"`).join(' OR ');
    await engine.exec(
      `INSERT INTO logs_v3 (tenant_id, id, timestamp, body, attributes) SELECT '${TENANT}', number + 10000,
       now64(9) - toIntervalDay(3), '', mapFromArrays(arrayMap(i -> 'k' || i, range(5)), arrayMap(i -> repeat('x', 3000), range(5)))
       FROM numbers(20000)`,
    );
    const { port } = app.getHttpServer().address() as AddressInfo;
    const body = JSON.stringify({
      range: { from: 'now-4d', to: 'now-2d' },
      queries: [{ signal: 'logs', filter: slow, aggregations: count }],
    });
    const numberOf = async (sql: string) => {
      const { rows } = await engine.clickhouse.query<{ n: string }>(`SELECT ${sql}`);
      return Number(rows[0]?.n);
    };
    const running = () =>
      numberOf(
        `count() AS n FROM system.processes WHERE query LIKE '%logs_v3%' AND query NOT LIKE '%system.processes%'`,
      );
    const cancelled = () => numberOf(`sum(value) AS n FROM system.errors WHERE name = 'QUERY_WAS_CANCELLED'`);
    const before = await cancelled();
    const client = httpRequest({
      port,
      host: '127.0.0.1',
      path: '/api/v2/telemetry/query',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    client.on('error', () => undefined);
    client.end(body);
    while ((await running()) === 0) if (client.closed) throw new Error('it was answered too early');
    client.destroy();
    while ((await running()) > 0) await setImmediate();
    expect(await cancelled()).toBeGreaterThan(before);
  }, 30_000);
});

it('POST /telemetry/query/explain tells the statement, its parameters and what it reads', async () => {
  const { body } = await post(
    { queries: [{ signal: 'logs', filter: 'user:"user 7"', aggregations: count }] },
    '/explain',
  );
  const { plans } = ExplainResponse.parse(body);
  expect(plans).toMatchObject([{ label: 'A', table: 'logs_v3' }]);
  expect(plans[0]?.sql).not.toContain('user 7');
  expect(Object.values(plans[0]?.params ?? {})).toEqual(expect.arrayContaining([TENANT, 'user 7']));
  expect(plans[0]?.rowsToRead).toBeGreaterThan(0);
});

it('answers 503 with Retry-After while the store is away', async () => {
  await engine.runtime.engines[0]?.stop();
  const answer = await post({ ...spans, step: '10s' }).expect(503);
  expect(answer.body.code).toBe('UNAVAILABLE');
  expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
});
