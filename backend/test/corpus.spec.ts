/** The OTLP examples as they are, over every transport and encoding, read back field by field. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { LogsResponse, MetricNamesResponse, TimeseriesResponse, TraceResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Key, TestPlatform, eventually, repository } from './support/platform.js';
import { exportOverGrpc, toProtobuf } from './support/otlp.js';

const corpus = (name: string) =>
  readFileSync(join(repository, '..', 'shared', 'corpus', 'otlp', `${name}.json`), 'utf8');
const nanos = '1544712660300000000';

let platform: TestPlatform;
let key: Key;

beforeAll(async () => {
  platform = await TestPlatform.start();
  key = await platform.developmentKey();
});
afterAll(() => platform?.dispose());

const keyHeaders = () => ({ 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret });
const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
  fetch(`${platform.otlpHttpUrl}${path}`, { method: 'POST', body, headers: { ...keyHeaders(), ...headers } });

/** The corpus' times are years old; a copy moved to now is what ordinary queries and retention expect. */
function recent(name: string): { text: string; atNano: bigint } {
  const atNano = BigInt(Date.now()) * 1_000_000n;
  const text = corpus(name).replaceAll(
    /"(15447\d{14})"/g,
    (_, time: string) => `"${BigInt(time) - BigInt(nanos) + atNano}"`,
  );
  return { text, atNano };
}

const transports: [string, (signal: string, json: string) => Promise<void>][] = [
  [
    'HTTP, JSON',
    async (signal, json) => {
      const response = await post(`/v1/${signal}`, json, { 'content-type': 'application/json' });
      expect([response.status, await response.json()]).toEqual([200, {}]);
      expect(response.headers.get('content-type')).toBe('application/json');
    },
  ],
  [
    'HTTP, JSON, gzip',
    async (signal, json) => {
      const response = await post(`/api/v2/otlp/${signal}`, new Uint8Array(gzipSync(json)), {
        'content-type': 'application/json; charset=utf-8',
        'content-encoding': 'gzip',
      });
      expect(response.status).toBe(200);
    },
  ],
  [
    'HTTP, protobuf',
    async (signal, json) => {
      const response = await post(`/v2/${signal}`, toProtobuf(signal, json), {
        'content-type': 'application/x-protobuf',
      });
      expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, 0]);
      expect(response.headers.get('content-type')).toBe('application/x-protobuf');
    },
  ],
  [
    'HTTP, protobuf, gzip',
    async (signal, json) => {
      const response = await post(`/v1/${signal}`, new Uint8Array(gzipSync(toProtobuf(signal, json))), {
        'content-type': 'application/x-protobuf',
        'content-encoding': 'gzip',
      });
      expect(response.status).toBe(200);
    },
  ],
  ['gRPC', (signal, json) => exportOverGrpc(platform.otlpGrpcTarget, signal, toProtobuf(signal, json), keyHeaders())],
  [
    'gRPC, gzip',
    (signal, json) =>
      exportOverGrpc(platform.otlpGrpcTarget, signal, toProtobuf(signal, json), keyHeaders(), { gzip: true }),
  ],
];

/** Each transport writes under ids of its own, so that one's rows can't stand in for another's. */
const traceIdFor = (index: number) => `5B8EFFF798038103D269B633813FC6${(0x10 + index).toString(16).toUpperCase()}`;

describe.each(transports.map(([name, send], index) => ({ name, send, index })))('$name', ({ send, index }) => {
  it('keeps every field of the trace example', async () => {
    const { text, atNano } = recent('trace');
    const traceId = traceIdFor(index);
    await send('traces', text.replaceAll('5B8EFFF798038103D269B633813FC60C', traceId));
    const { body } = await eventually('the trace', async () => {
      const reply = await platform.api<TraceResponse>('GET', `/api/v2/telemetry/traces/${traceId}`);
      return reply.status === 200 ? reply : undefined;
    });
    expect(body.traceId).toBe(traceId.toLowerCase());
    expect(body.spans).toHaveLength(1);
    const original = (
      JSON.parse(text) as {
        resourceSpans: { scopeSpans: { spans: { startTimeUnixNano: string; endTimeUnixNano: string }[] }[] }[];
      }
    ).resourceSpans[0]!.scopeSpans[0]!.spans[0]!;
    expect(body.spans[0]).toMatchObject({
      traceId: traceId.toLowerCase(),
      spanId: 'eee19b7ec3c1b174',
      parentSpanId: 'eee19b7ec3c1b173',
      name: "I'm a server span",
      kind: 'server',
      serviceName: 'my.service',
      startTimeUnixNano: original.startTimeUnixNano,
      endTimeUnixNano: original.endTimeUnixNano,
      durationNs: String(BigInt(original.endTimeUnixNano) - BigInt(original.startTimeUnixNano)),
      statusCode: 'unset',
      attributes: { 'my.span.attr': 'some value' },
      resourceAttributes: { 'service.name': 'my.service' },
      scope: { name: 'my.library', version: '1.0.0', attributes: { 'my.scope.attribute': 'some scope attribute' } },
      events: [],
      links: [],
    });
    expect(BigInt(original.startTimeUnixNano) <= atNano + 10_000_000_000n).toBe(true);
  });

  it('keeps every field and attribute type of the logs example', async () => {
    const { text } = recent('logs');
    const traceId = traceIdFor(index);
    await send('logs', text.replaceAll('5B8EFFF798038103D269B633813FC60C', traceId));
    const record = await eventually('the log record', async () => {
      const filter = encodeURIComponent(`trace_id:${traceId.toLowerCase()}`);
      const { body } = await platform.api<LogsResponse>(
        'GET',
        `/api/v2/telemetry/logs?from=now-1h&to=now%2B1h&filter=${filter}`,
      );
      return body.data[0];
    });
    const original = (
      JSON.parse(text) as {
        resourceLogs: { scopeLogs: { logRecords: { timeUnixNano: string; observedTimeUnixNano: string }[] }[] }[];
      }
    ).resourceLogs[0]!.scopeLogs[0]!.logRecords[0]!;
    expect(record).toMatchObject({
      timeUnixNano: original.timeUnixNano,
      observedTimeUnixNano: original.observedTimeUnixNano,
      severityNumber: 10,
      severityText: 'Information',
      body: 'Example log record',
      traceId: traceId.toLowerCase(),
      spanId: 'eee19b7ec3c1b174',
      serviceName: 'my.service',
      resourceAttributes: { 'service.name': 'my.service' },
      scope: { name: 'my.library', version: '1.0.0' },
    });
    expect(record.attributes).toEqual({
      'string.attribute': 'some string',
      'boolean.attribute': true,
      'int.attribute': 10,
      'double.attribute': 637.704,
      'array.attribute': ['many', 'values'],
      'map.attribute': { 'some.map.key': 'some value' },
    });
  });
});

describe('metrics', () => {
  it('keeps counters, gauges, histograms and exponential histograms of the example', async () => {
    const { text, atNano } = recent('metrics');
    const sent = await post('/v1/metrics', text, { 'content-type': 'application/json' });
    expect([sent.status, await sent.json()]).toEqual([200, {}]);
    const names = await eventually('the metric names', async () => {
      const { body } = await platform.api<MetricNamesResponse>('GET', '/api/v2/telemetry/metrics/names?search=my.');
      return body.data.length >= 4 ? body.data : undefined;
    });
    const byName = Object.fromEntries(names.map((m) => [m.name, m]));
    expect(byName['my.counter']).toMatchObject({
      type: 'counter',
      unit: '1',
      temporality: 'delta',
      services: ['my.service'],
    });
    expect(byName['my.gauge']).toMatchObject({ type: 'gauge', unit: '1' });
    expect(byName['my.histogram']).toMatchObject({ type: 'histogram', temporality: 'delta' });
    expect(byName['my.exponential.histogram']).toMatchObject({ type: 'exponential_histogram', temporality: 'delta' });

    const at = Number(atNano / 1_000_000n);
    const value = async (metricName: string, aggregation: string) => {
      const query = new URLSearchParams({
        metricName,
        aggregation,
        from: String(at - 600_000),
        to: String(at + 600_000),
        step: '1m',
      });
      const { body } = await platform.api<TimeseriesResponse>('GET', `/api/v2/telemetry/metrics/timeseries?${query}`);
      return body.series[0]?.points.map(([, v]) => v).find((v) => v !== null);
    };
    expect(await value('my.counter', 'increase')).toBe(5);
    expect(await value('my.gauge', 'avg')).toBe(10);
    expect(await value('my.histogram', 'count')).toBe(2);
    expect(await value('my.histogram', 'sum')).toBe(2);
    expect(await value('my.exponential.histogram', 'count')).toBe(3);
  });

  it('keeps the events example as log records with an event name', async () => {
    const { text } = recent('events');
    const sent = await post('/v1/logs', text, { 'content-type': 'application/json' });
    expect(sent.status).toBe(200);
    const record = await eventually('the event', async () => {
      const { body } = await platform.api<LogsResponse>(
        'GET',
        `/api/v2/telemetry/logs?from=now-1h&to=now%2B1h&filter=${encodeURIComponent('event.name:browser.*')}`,
      );
      return body.data[0];
    });
    expect(record.eventName).toMatch(/^browser\./);
  });
});

describe('as they are, years old', () => {
  const range = 'from=2018-12-13T14:00:00Z&to=2018-12-13T15:00:00Z';

  it('all four are taken in and read back', async () => {
    for (const [signal, name] of [
      ['traces', 'trace'],
      ['logs', 'logs'],
      ['metrics', 'metrics'],
      ['logs', 'events'],
    ] as const) {
      const response = await post(`/v1/${signal}`, corpus(name), { 'content-type': 'application/json' });
      expect([name, response.status, await response.json()]).toEqual([name, 200, {}]);
    }
    const trace = await eventually('the trace', async () => {
      const reply = await platform.api<TraceResponse>(
        'GET',
        '/api/v2/telemetry/traces/5B8EFFF798038103D269B633813FC60C',
      );
      return reply.status === 200 ? reply.body : undefined;
    });
    expect(trace.spans).toMatchObject([
      { name: "I'm a server span", startTimeUnixNano: '1544712660000000000', endTimeUnixNano: '1544712661000000000' },
    ]);
    const logs = await eventually('both log records', async () => {
      const { body } = await platform.api<LogsResponse>('GET', `/api/v2/telemetry/logs?${range}`);
      return body.data.length >= 2 ? body.data : undefined;
    });
    expect(logs.map((record) => record.timeUnixNano)).toEqual([nanos, nanos]);
    expect(logs.find((record) => record.eventName === 'browser.page_view')?.body).toMatchObject({
      type: 0,
      url: 'https://www.guidgenerator.com/online-guid-generator.aspx',
    });
    const counted = await eventually('the counter', async () => {
      const { body } = await platform.api<TimeseriesResponse>(
        'GET',
        `/api/v2/telemetry/metrics/timeseries?metricName=my.counter&aggregation=sum&step=1m&${range}`,
      );
      return body.series[0]?.points.find(([, value]) => value !== null);
    });
    expect(counted).toEqual([1_544_712_660_000, 5]);
  });
});
