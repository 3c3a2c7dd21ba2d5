import { CompareSpans, CompareSpansResponse, SpansQuery, SpansResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OTHER_TENANT, resourceRow, spanRow, TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { FOREIGN, insertTracesAndLogs, NOW_MS, NOW_NS, SECOND, T1 } from '../testing/traces-scene.js';
import { IdentityReader } from './identities.js';
import { SpanComparisonReader } from './span-comparison-reader.js';
import { SpanReader } from './span-reader.js';

const scope = { tenantId: TENANT };
/** Three hours before the scene of the other specs, where the comparison has its own spans. */
const THEN_NS = NOW_NS - 20_000n * SECOND;
const THEN = { from: String(NOW_MS - 20_100_000), to: String(NOW_MS - 19_000_000) };
let engine: TelemetryEngine;
let spans: SpanReader;
let comparisons: SpanComparisonReader;

/** 100 spans a second apart: every tenth fails, all of the failing are of v2 and of the host `bad`. */
function checkout(tenant: string, i: number) {
  const isFailing = i % 10 === 0;
  return spanRow({
    tenant,
    trace: (i + 0x10)
      .toString(16)

      .repeat(16),
    span: (0x1010_1010_1010_1010n + BigInt(i % 64)).toString(16),
    startNs: THEN_NS + BigInt(i) * SECOND,
    durationNs: isFailing ? 2n * SECOND : 20_000_000n,
    service: 'checkout',
    status: isFailing ? 2 : 0,
    resourceId: isFailing ? '31' : '32',
    attributes: {
      version: isFailing ? 'v2' : i % 3 === 0 ? 'v2' : 'v1',
      color: Math.floor(i / 10) % 2 === 0 ? 'red' : 'blue',
      'request.id': `r-${i}`,
      ...(isFailing && { 'error.code': { int: 7 } }),
      status: 'of the attribute',
    },
  });
}

beforeAll(async () => {
  engine = await startTelemetryEngine();
  spans = new SpanReader(engine.store, new IdentityReader(engine.store));
  comparisons = new SpanComparisonReader(engine.store);
  await insertTracesAndLogs(engine);
  await engine.insert('resources_v3', [
    resourceRow('31', { 'service.name': 'checkout', 'host.name': 'bad' }),
    resourceRow('32', { 'service.name': 'checkout', 'host.name': 'good' }),
    resourceRow('31', { 'host.name': 'leak' }, OTHER_TENANT),
  ]);
  await engine.insert(
    'spans_v3',
    Array.from({ length: 100 }, (_, i) => checkout(TENANT, i)),
  );
  await engine.insert(
    'spans_v3',
    Array.from({ length: 5 }, (_, i) => checkout(OTHER_TENANT, i * 10)),
  );
});
afterAll(() => engine?.stop());

const list = (query: object) => spans.list(SpansQuery.parse({ from: 'now-2h', ...query }), scope, NOW_MS);
const names = async (query: object) => (await list(query)).data.map(({ name }) => name);

describe('span list', () => {
  it('has the newest first, of one tenant', async () => {
    const answer = SpansResponse.parse(await list({}));
    expect(answer.data.map(({ name }) => name)).toEqual(['late', 'SELECT', 'GET /cart', 'early', 'same', 'same']);
    expect(answer.data.map(({ traceId }) => traceId)).not.toContain(FOREIGN);
    expect(answer.data[1]).toEqual({
      traceId: T1,
      spanId: '0202020202020202',
      parentSpanId: '0101010101010101',
      name: 'SELECT',
      kind: 'client',
      serviceName: 'db',
      startTime: new Date(NOW_MS - 99_000).toISOString(),
      startTimeUnixNano: (NOW_NS - 99n * SECOND).toString(),
      durationNs: (3n * SECOND).toString(),
      statusCode: 'error',
      statusMessage: 'deadlock detected',
      values: [],
    });
  });

  it('has the slowest first', async () => {
    expect((await names({ sort: 'slowest', limit: 2 })).slice(0, 2)).toEqual(['SELECT', 'GET /cart']);
  });

  it.each(['newest', 'slowest'])('pages through the %s without gap or repetition', async (sort) => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: SpansResponse = await list({ sort, limit: 1, ...(cursor === null ? {} : { cursor }) });
      seen.push(...page.data.map(({ traceId, spanId }) => traceId + spanId));
      cursor = page.meta.nextCursor;
    } while (cursor !== null && seen.length < 20);
    expect(seen).toHaveLength(6);
    expect(new Set(seen).size).toBe(6);
  });

  it('filters, and shows the fields asked for', async () => {
    const fields = 'http.status,attributes.ok,resource.process.pid,host.name,status,scope.name,none';
    const { data } = await list({ filter: 'http.route:/cart', fields });
    expect(data.map(({ values }) => values)).toEqual([[200, true, 42, 'web-1', 'unset', 'io.http', null]]);
  });

  it('refuses what it cannot read, naming the field', async () => {
    await expect(list({ filter: 'duration:>fast' })).rejects.toMatchObject({ code: 'QUERY_SYNTAX' });
    await expect(list({ cursor: 'xx' })).rejects.toMatchObject({ errors: [{ path: 'cursor' }] });
    await expect(list({ from: 'now', to: 'now-1h' })).rejects.toMatchObject({ errors: [{ path: 'from' }] });
    const fields = Array.from({ length: 21 }, (_, i) => `f${i}`).join(',');
    await expect(list({ fields })).rejects.toMatchObject({ errors: [{ path: 'fields' }] });
  });
});

const compare = (request: object) =>
  comparisons.compare(CompareSpans.parse({ range: THEN, ...request }), scope, NOW_MS);

describe('comparison', () => {
  it('puts what tells the selection from the others first, with both shares', async () => {
    const answer = CompareSpansResponse.parse(await compare({ selection: { filter: 'status:error' } }));
    expect(answer).toMatchObject({
      selectionCount: 10,
      baselineCount: 90,
      selectionSample: 10,
      baselineSample: 90,
    });
    const fields = answer.attributes.map(({ field }) => field);
    expect(fields.slice(0, 2).sort()).toEqual(['error.code', 'resource.host.name']);
    // Chosen by, the same on both sides, or different everywhere.
    for (const field of ['status', 'attributes.status', 'service.name', 'color', 'request.id'])
      expect(fields).not.toContain(field);
    const of = (field: string) => answer.attributes.find((attribute) => attribute.field === field);
    expect(of('error.code')).toMatchObject({
      source: 'attribute',
      selectionShare: 1,
      baselineShare: 0,
      distinctValues: 1,
      values: [{ value: '7', selectionShare: 1, baselineShare: 0 }],
    });
    expect(of('resource.host.name')?.values).toEqual(
      expect.arrayContaining([
        { value: 'bad', selectionShare: 1, baselineShare: 0 },
        { value: 'good', selectionShare: 0, baselineShare: 1 },
      ]),
    );
    expect(of('version')?.values.find(({ value }) => value === 'v2')).toEqual({
      value: 'v2',
      selectionShare: 1,
      baselineShare: 30 / 90,
    });
  });

  it('compares a piece of time and a region of durations with the rest', async () => {
    const range = { from: String(NOW_MS - 20_000_000), to: String(NOW_MS - 19_950_000) };
    const answer = await compare({ filter: 'service:checkout', selection: { filter: 'duration>1s', range } });
    expect(answer).toMatchObject({ selectionCount: 5, baselineCount: 95 });
    expect(answer.attributes[0]?.score).toBeGreaterThan(0.3);
  });

  it('looks at a sample of large sides, and tells their true size', async () => {
    const request = CompareSpans.parse({ range: THEN, selection: { filter: 'status:error' } });
    const answer = await comparisons.compare(request, scope, NOW_MS, 20);
    expect(answer).toMatchObject({ selectionCount: 10, selectionSample: 10, baselineCount: 90 });
    // One in four, by hash: not exactly a quarter.
    expect(answer.baselineSample).toBeGreaterThan(5);
    expect(answer.baselineSample).toBeLessThan(50);
    const code = answer.attributes.find(({ field }) => field === 'error.code');
    expect(code?.values).toEqual([{ value: '7', selectionShare: 1, baselineShare: 0 }]);
  });

  it('has nothing to say without one of the sides', async () => {
    for (const selection of [{ filter: 'service:nobody' }, { filter: 'service:checkout' }]) {
      const answer = await compare({ selection });
      expect(Math.min(answer.selectionCount, answer.baselineCount)).toBe(0);
      expect(answer.attributes).toEqual([]);
    }
  });

  it('refuses to compare everything with nothing', async () => {
    await expect(compare({ selection: {} })).rejects.toMatchObject({ errors: [{ path: 'selection' }] });
    await expect(compare({ selection: { filter: 'a:' } })).rejects.toMatchObject({ code: 'QUERY_SYNTAX' });
  });
});
