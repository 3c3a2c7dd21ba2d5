/** The JavaScript SDK's exporters as they are: every protocol, with and without gzip, batching, every instrument. */
import { Metadata } from '@grpc/grpc-js';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Link } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as GrpcMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtoMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObservedPlatform } from '../support/observed-platform.js';
import { TRANSPORTS, type Transport } from '../support/otlp-client.js';
import { newService } from './requests.js';

let server: ObservedPlatform;
beforeAll(async () => {
  server = await ObservedPlatform.start();
});
afterAll(() => server?.dispose());

interface Exporters {
  readonly spans: SpanExporter;
  readonly logs: LogRecordExporter;
  readonly metrics: PushMetricExporter;
}
type Headers = [name: string, value: string][];

const keyHeaders = (): Headers => [
  ['x-api-key-id', server.client.key.keyId],
  ['x-api-key-secret', server.client.key.keySecret],
];
const underscored = (text: string): string => text.replace('-', '_');
const bearer = (): Headers => {
  const { keyId, keySecret } = server.client.key;
  return [['authorization', `Bearer ${underscored(keyId)}:${underscored(keySecret)}`]];
};

function exporters(transport: Transport, compression: CompressionAlgorithm, headers: Headers): Exporters {
  if (transport === 'grpc') {
    const metadata = new Metadata();
    for (const [name, value] of headers) metadata.add(name, value);
    const options = { url: `http://${server.platform.otlpGrpcTarget}`, metadata, compression };
    return {
      spans: new GrpcTraceExporter(options),
      logs: new GrpcLogExporter(options),
      metrics: new GrpcMetricExporter(options),
    };
  }
  const options = (signal: string) => ({
    url: `${server.platform.otlpHttpUrl}/v1/${signal}`,
    headers: Object.fromEntries(headers),
    compression,
  });
  const isJson = transport === 'http/json';
  return {
    spans: isJson ? new JsonTraceExporter(options('traces')) : new ProtoTraceExporter(options('traces')),
    logs: isJson ? new JsonLogExporter(options('logs')) : new ProtoLogExporter(options('logs')),
    metrics: isJson ? new JsonMetricExporter(options('metrics')) : new ProtoMetricExporter(options('metrics')),
  };
}

/** Programs what the exporters carry: spans in two batches, logs of every severity class, every instrument. */
async function run({ spans, logs, metrics }: Exporters, service: string): Promise<void> {
  const resource = resourceFromAttributes({ 'service.name': service, 'process.pid': 7, 'host.tags': ['a', 'b'] });
  const tracing = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: spans, maxExportBatchSize: 3 })],
  });
  const logging = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: logs, maxExportBatchSize: 2 })],
  });
  const metering = new MeterProvider({
    resource,
    readers: [new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 })],
    views: [
      {
        instrumentName: 'sizes.exponential',
        aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 40, recordMinMax: true } },
      },
    ],
  });
  const tracer = tracing.getTracer('shop', '1.0.0');
  const root = tracer.startSpan('root', { kind: SpanKind.SERVER }, ROOT_CONTEXT);
  const inRoot = trace.setSpan(ROOT_CONTEXT, root);
  const links: Link[] = [{ context: root.spanContext(), attributes: { why: 'retry' } }];
  for (let i = 0; i < 4; i++) {
    const child = tracer.startSpan(
      `child ${i}`,
      { kind: SpanKind.CLIENT, attributes: { i, odd: i % 2 === 1 }, links },
      inRoot,
    );
    child.addEvent('tick', { at: i / 4 });
    child.setStatus({ code: SpanStatusCode.ERROR, message: `failed ${i}` });
    child.end();
  }
  root.end();
  const logger = logging.getLogger('shop');
  const severities = [
    SeverityNumber.TRACE,
    SeverityNumber.DEBUG,
    SeverityNumber.INFO,
    SeverityNumber.WARN2,
    SeverityNumber.FATAL,
  ];
  for (const severityNumber of severities) {
    logger.emit({
      severityNumber,
      body: { nested: [1, 'two', null] },
      eventName: 'shop.event',
      context: inRoot,
      attributes: { n: 1.5 },
    });
  }
  const meter = metering.getMeter('shop');
  meter.createCounter('orders', { unit: '{order}' }).add(3, { color: 'red' });
  meter.createUpDownCounter('queue').add(-2);
  meter.createGauge('temperature', { unit: 'Cel' }).record(-1.5);
  meter.createHistogram('sizes', { advice: { explicitBucketBoundaries: [10, 100] } }).record(10);
  meter.createHistogram('sizes.exponential').record(8);
  meter.createObservableCounter('ticks').addCallback((result) => result.observe(5));
  meter.createObservableUpDownCounter('open').addCallback((result) => result.observe(-4));
  meter.createObservableGauge('load').addCallback((result) => result.observe(0.25));
  await Promise.all([tracing.forceFlush(), logging.forceFlush()]);
  // The reader collects once more when it stops: that is the only time here.
  await Promise.all([tracing.shutdown(), logging.shutdown(), metering.shutdown()]);
}

/** That the store has exactly what {@link run} made. */
async function check(service: string): Promise<void> {
  const spans = (await server.read('traces', service, 5)).items;
  const root = spans.find((span) => span['name'] === 'root')!;
  expect(root).toMatchObject({
    kind: 2,
    parent_span_id: '00'.repeat(8),
    flags: 0x101,
    resource: { attributes: { 'process.pid': 7n, 'host.tags': { json: '["a","b"]' } } },
    scope: { name: 'shop', version: '1.0.0' },
  });
  const children = spans.filter((span) => span !== root).toSorted((a, b) => (a['name'] < b['name'] ? -1 : 1));
  expect(children.map((child) => child['name'])).toEqual(['child 0', 'child 1', 'child 2', 'child 3']);
  expect(children[1]).toMatchObject({
    kind: 3,
    trace_id: root['trace_id'],
    parent_span_id: root['span_id'],
    attributes: { i: 1n, odd: true },
    status_code: 2,
    status_message: 'failed 1',
    'events.name': ['tick'],
    'events.attributes': [{ at: 0.25 }],
    'links.span_id': [root['span_id']],
    'links.attributes': [{ why: 'retry' }],
  });
  const logs = (await server.read('logs', service, 5)).items;
  expect(logs.map((log) => log['severity_number'] as number).toSorted((a, b) => a - b)).toEqual([1, 5, 9, 14, 21]);
  for (const log of logs) {
    expect(log).toMatchObject({
      body: { json: '{"nested":[1,"two",null]}' },
      event_name: 'shop.event',
      trace_id: root['trace_id'],
      span_id: root['span_id'],
      attributes: { n: 1.5 },
    });
  }
  const points = (await server.read('metrics', service, 8)).items;
  const byName = Object.fromEntries(points.map((point) => [point['metric_name'], point]));
  const kind = (name: string) => [byName[name]?.['series']['metric_type'], byName[name]?.['value']];
  expect(kind('orders')).toEqual(['counter', 3]);
  expect(byName['orders']).toMatchObject({
    series: { unit: '{order}', temporality: 'cumulative', attributes: { color: 'red' } },
  });
  expect(kind('queue')).toEqual(['up_down_counter', -2]);
  expect(kind('temperature')).toEqual(['gauge', -1.5]);
  expect(kind('ticks')).toEqual(['counter', 5]);
  expect(kind('open')).toEqual(['up_down_counter', -4]);
  expect(kind('load')).toEqual(['gauge', 0.25]);
  expect(byName['sizes']).toMatchObject({
    count: 1n,
    sum: 10,
    min: 10,
    max: 10,
    explicit_bounds: [10, 100],
    bucket_counts: [1n, 0n, 0n],
  });
  expect(byName['sizes.exponential']).toMatchObject({
    kind: 'exponential_histogram',
    count: 1n,
    sum: 8,
    positive_bucket_counts: [1n],
  });
}

describe.concurrent.each(TRANSPORTS)('%s', (transport) => {
  it.each([CompressionAlgorithm.NONE, CompressionAlgorithm.GZIP])(
    'carries traces, logs and every instrument, compression %s',
    async (compression) => {
      const service = newService();
      await run(exporters(transport, compression, keyHeaders()), service);
      await check(service);
    },
  );

  it('takes a key as one bearer value with underscores', async () => {
    const service = newService();
    await run(exporters(transport, CompressionAlgorithm.GZIP, bearer()), service);
    await check(service);
  });
});

it('takes gRPC metadata that was sent twice', async () => {
  const service = newService();
  await run(
    exporters('grpc', CompressionAlgorithm.NONE, [...keyHeaders(), ...keyHeaders(), ...bearer(), ...bearer()]),
    service,
  );
  await check(service);
});
