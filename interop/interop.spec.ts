/** Programs in other languages send, each with its own SDK, and the store must hold exactly what they made. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObservedPlatform } from '../backend/test/support/observed-platform.js';
import { eventually } from '../backend/test/support/platform.js';
import { ready, runProgram } from './programs.js';

let server: ObservedPlatform;
beforeAll(async () => {
  server = await ObservedPlatform.start();
});
afterAll(() => server?.dispose());

const UNCORRELATED = '00'.repeat(16);

/** That the store has exactly what the interop programs make, once. */
async function check(service: string, traceId: string): Promise<void> {
  const spans = (await server.read('traces', service, 2)).items;
  const parent = spans.find((span) => span['name'] === 'parent')!;
  const child = spans.find((span) => span['name'] === 'child')!;
  expect(parent).toMatchObject({
    trace_id: traceId,
    parent_span_id: '00'.repeat(8),
    kind: 2,
    scope: { name: 'interop', version: '1.0.0' },
    resource: { attributes: { 'service.name': service, team: 'shop' } },
  });
  expect(child).toMatchObject({
    trace_id: traceId,
    parent_span_id: parent['span_id'],
    kind: 3,
    status_code: 2,
    status_message: 'failed',
    'events.name': ['tick'],
    'events.attributes': [{ n: 1n }],
    'links.trace_id': [traceId],
    'links.span_id': [parent['span_id']],
    'links.attributes': [{ why: 'test' }],
  });
  expect(child['attributes']).toMatchObject({
    text: 'Grüße',
    int: 9007199254740993n,
    double: 0.25,
    bool: true,
    list: { json: '["a","b"]' },
  });
  const logs = (await server.read('logs', service, 2)).items;
  expect(logs.map((log) => log['severity_number'] as number).toSorted((a, b) => a - b)).toEqual([9, 13]);
  for (const log of logs) {
    expect(log).toMatchObject({
      body: 'interop log',
      attributes: { n: 7n },
      trace_id: traceId,
      span_id: parent['span_id'],
      scope: { name: 'interop' },
    });
  }
  await checkMetrics(service, traceId);
}

async function checkMetrics(service: string, traceId: string): Promise<void> {
  const { points, exemplars } = await eventually('five points', async () => {
    const { items, exemplars } = await server.store.items('metrics', [service]);
    // Some SDKs tell of themselves too.
    const points = items.filter((point) => (point['metric_name'] as string).startsWith('interop.'));
    return points.length >= 5 ? { points, exemplars } : undefined;
  });
  expect(points).toHaveLength(5);
  const byName = Object.fromEntries(points.map((point) => [point['metric_name'], point]));
  expect(byName['interop.counter']).toMatchObject({
    value: 5,
    series: { metric_type: 'counter', temporality: 'cumulative', unit: '{item}', attributes: { color: 'red' } },
  });
  expect(byName['interop.updown']).toMatchObject({ value: -3, series: { metric_type: 'up_down_counter' } });
  expect(byName['interop.gauge']).toMatchObject({ value: 21.5, series: { metric_type: 'gauge' } });
  expect(byName['interop.histogram']).toMatchObject({
    kind: 'histogram',
    count: 1n,
    sum: 10,
    min: 10,
    max: 10,
    explicit_bounds: [5, 50],
    bucket_counts: [0n, 1n, 0n],
  });
  expect(byName['interop.exponential']).toMatchObject({
    kind: 'exponential_histogram',
    count: 1n,
    sum: 8,
    zero_count: 0n,
  });
  const counts = byName['interop.exponential']!['positive_bucket_counts'] as bigint[];
  expect(counts.reduce((sum, n) => sum + n, 0n)).toBe(1n);
  // Exemplars come from those SDKs that take them; each leads to the trace, unless its instrument was used outside one.
  for (const exemplar of exemplars) expect([traceId, UNCORRELATED]).toContain(exemplar['trace_id']);
}

let runs = 0;
const languages = ['python', 'go', 'java'] as const;
describe.each(languages)('%s', (language) => {
  const cases = ['grpc', 'http/protobuf'].flatMap((protocol) =>
    ['none', 'gzip'].map((how) => [protocol, how] as const),
  );
  it.skipIf(!(language in ready)).each(cases)('sends over %s, compression %s', async (protocol, compression) => {
    const { keyId, keySecret } = server.client.key;
    const service = `interop-${language}-${++runs}`;
    const { stdout } = await runProgram(language, {
      OTEL_SERVICE_NAME: service,
      OTEL_RESOURCE_ATTRIBUTES: 'team=shop',
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_ENDPOINT:
        protocol === 'grpc' ? `http://${server.platform.otlpGrpcTarget}` : server.platform.otlpHttpUrl,
      OTEL_EXPORTER_OTLP_INSECURE: 'true',
      ...(compression === 'none' ? {} : { OTEL_EXPORTER_OTLP_COMPRESSION: compression }),
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key-id=${keyId},x-api-key-secret=${keySecret}`,
    });
    await check(service, stdout.trim().split('\n').at(-1)!);
  });
});
