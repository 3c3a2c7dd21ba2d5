import { TraceResponse, TracesQuery, TracesResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { FOREIGN, insertTracesAndLogs, iso, NOW_MS, NOW_NS, SECOND, T1, T2, T3, T4 } from '../testing/traces-scene.js';
import { IdentityReader } from './identities.js';
import { TraceReader } from './trace-reader.js';

const scope = { tenantId: TENANT };
let engine: TelemetryEngine;
let traces: TraceReader;

beforeAll(async () => {
  engine = await startTelemetryEngine();
  traces = new TraceReader(engine.store, new IdentityReader(engine.store));
  await insertTracesAndLogs(engine);
});
afterAll(() => engine?.stop());

const listTraces = (query: object) => traces.list(TracesQuery.parse({ from: 'now-2h', ...query }), scope, NOW_MS);
const traceIds = async (filter: string) => (await listTraces({ filter })).data.map((t) => t.traceId);

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
