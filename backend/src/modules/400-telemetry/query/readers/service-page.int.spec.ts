import {
  ServiceErrorsResponse,
  ServiceInfrastructureResponse,
  ServiceVersionsResponse,
} from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OTHER_TENANT, resourceRow, seriesRow, spanRow, TENANT, type SpanInput } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { iso, NOW_MS, NOW_NS, SECOND } from '../testing/traces-scene.js';
import { ServicePageReader } from './service-page-reader.js';

const scope = { tenantId: TENANT };
const query = { from: 'now-1h', to: 'now' };
const NAME = "a'b/ü";
let engine: TelemetryEngine;
let pages: ServicePageReader;

beforeAll(async () => {
  engine = await startTelemetryEngine();
  pages = new ServicePageReader(engine.store);
});
afterAll(() => engine?.stop());

const stack = (line: number, frame: string) =>
  `Error: x\n    at ${frame} (/app/db.js:${line}:7)\n    at run (/app/main.js:3:1)`;
function failure(n: number, message: string, stacktrace: string, rest: Partial<SpanInput> = {}): object {
  const id = n.toString(8).padStart(16, '0');
  const span = spanRow({
    trace: id + id,
    span: id,
    service: NAME,
    name: 'GET /cart',
    kind: 2,
    status: 2,
    startNs: NOW_NS - BigInt(n) * 60n * SECOND,
    ...rest,
  });
  const exception = {
    'exception.type': 'TimeoutError',
    'exception.message': message,
    'exception.stacktrace': stacktrace,
  };
  return {
    ...span,
    'events.timestamp': ['1773143900.000000001'],
    'events.name': ['exception'],
    'events.attributes': [exception],
    'events.attribute_types': ['sss'],
    'events.dropped_attributes_count': [0],
  };
}

describe('errors', () => {
  beforeAll(() =>
    engine.insert('spans_v3', [
      failure(1, 'order 4711 of 019a5f0e-8f2b-7c4d-9a1e-00ff00ff00ff timed out after 1.5 s', stack(10, 'connect')),
      failure(2, 'order 12 of 7d9c0000-1111-4222-8333-444455556666 timed out after 30 s', stack(99, 'connect')),
      failure(3, 'order 5 of 7d9c0000-1111-4222-8333-444455556666 timed out after 30 s', stack(10, 'query')),
      failure(4, 'order 5 timed out', stack(10, 'connect'), { status: 0 }),
      failure(5, 'order 6 of another service', '', { service: 'other' }),
      failure(6, 'order 7 of another tenant', '', { tenant: OTHER_TENANT }),
      failure(61, 'order 8 of another time', ''),
      spanRow({
        trace: '07'.repeat(16),
        span: '07'.repeat(8),
        service: NAME,
        name: 'charge',
        status: 2,
        statusMessage: 'card 0xdeadbeef refused',
        attributes: { 'error.type': 'Refused' },
        startNs: NOW_NS - 10n * SECOND,
      }),
    ]),
  );
  const read = async () => ServiceErrorsResponse.parse(await pages.errors(NAME, query, scope, NOW_MS));

  it('are one where only ids, numbers and lines differ, and another where the frames do', async () => {
    const { data, truncated } = await read();
    expect(truncated).toBe(false);
    expect(data.map(({ type, message, count }) => [type, message, count])).toEqual([
      ['TimeoutError', 'order # of <id> timed out after # s', 2],
      ['Refused', 'card <id> refused', 1],
      ['TimeoutError', 'order # of <id> timed out after # s', 1],
    ]);
    expect(new Set(data.map(({ fingerprint }) => fingerprint)).size).toBe(3);
  });

  it('keep the newest as it was, and when they came', async () => {
    const { data, times, stepMs } = await read();
    expect(data[0]).toMatchObject({
      firstSeen: iso(120),
      lastSeen: iso(60),
      operations: ['GET /cart'],
      sample: {
        spanId: '0000000000000001',
        message: 'order 4711 of 019a5f0e-8f2b-7c4d-9a1e-00ff00ff00ff timed out after 1.5 s',
        stacktrace: stack(10, 'connect'),
      },
    });
    expect(stepMs).toBe(120_000);
    const at = (secondsAgo: number) => times.findLastIndex((time) => time <= NOW_MS - secondsAgo * 1000);
    expect(data[0]?.points).toHaveLength(times.length);
    expect(data[0]?.points.flatMap((n, i) => (n > 0 ? [[i, n]] : []))).toEqual(
      [...new Set([at(120), at(60)])].map((i) => [i, at(120) === at(60) ? 2 : 1]),
    );
  });

  it('of a service that nobody knows are none', async () => {
    expect((await pages.errors("x' OR 1=1 --", query, scope, NOW_MS)).data).toEqual([]);
  });
});

it('tells versions, the newest first, and whether their deploy was seen', async () => {
  const version = (id: string, text: string, instance: string) =>
    resourceRow(id, { 'service.name': 'shop', 'service.version': text, 'service.instance.id': instance });
  await engine.insert('resources_v3', [version('1', '1.0', 'a'), version('2', '1.1', 'a'), version('3', '1.1', 'b')]);
  const at = (n: number, resourceId: string, secondsAgo: bigint, rest: Partial<SpanInput> = {}) => {
    const id = (n + 4096).toString(8).padStart(16, '0');
    return spanRow({ trace: id + id, span: id, kind: 2, startNs: NOW_NS - secondsAgo * SECOND, resourceId, ...rest });
  };
  await engine.insert('spans_v3', [
    at(1, '1', 89_990n),
    at(2, '1', 3000n, { durationNs: 7_000_000n }),
    at(3, '2', 1800n, { status: 2, durationNs: 9_000_000n }),
    at(4, '3', 900n, { durationNs: 9_000_000n }),
    // Not what is asked of it.
    at(5, '3', 800n, { kind: 1, status: 2 }),
  ]);
  const { data } = ServiceVersionsResponse.parse(await pages.versions('shop', query, scope, NOW_MS));
  expect(data).toEqual([
    {
      version: '1.1',
      firstSeen: iso(1800),
      lastSeen: iso(800),
      isDeployKnown: true,
      instances: 2,
      requests: 2,
      errors: 1,
      p95DurationNs: '9000000',
    },
    {
      version: '1.0',
      firstSeen: iso(89_990),
      lastSeen: iso(3000),
      isDeployKnown: false,
      instances: 1,
      requests: 1,
      errors: 0,
      p95DurationNs: '7000000',
    },
  ]);
});

it('finds the metrics of the process, and of the hosts that the service is on', async () => {
  const series = (id: string, metric: string, service: string, resourceId: string, tenant = TENANT) =>
    seriesRow({ id, metric, type: 'gauge', service, resourceId, lastSeenMs: NOW_MS, tenant });
  await engine.insert('resources_v3', [
    resourceRow('11', { 'service.name': 'api', 'host.name': 'web 1' }),
    resourceRow('12', { 'service.name': 'agent', 'host.name': 'web 1' }),
    resourceRow('13', { 'service.name': 'agent', 'host.name': 'web 2' }),
  ]);
  await engine.insert('series_v3', [
    series('1', 'process.cpu.time', 'api', '11'),
    series('2', 'orders.placed', 'api', '11'),
    series('3', 'system.cpu.utilization', 'agent', '12'),
    series('4', 'system.memory.usage', 'agent', '13'),
    series('5', 'process.memory.usage', 'agent', '12'),
    series('6', 'system.disk.io', 'agent', '12', OTHER_TENANT),
  ]);
  const answer = ServiceInfrastructureResponse.parse(await pages.infrastructure('api', query, scope, NOW_MS));
  expect(answer.resources).toEqual([{ key: 'host.name', values: ['web 1'] }]);
  expect(answer.metrics.map(({ name, filter }) => [name, filter])).toEqual([
    ['process.cpu.time', 'service.name:api'],
    ['system.cpu.utilization', 'resource.host.name:"web 1"'],
  ]);
  expect(await pages.infrastructure('nobody', query, scope, NOW_MS)).toEqual({ resources: [], metrics: [] });
});
