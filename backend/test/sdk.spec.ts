/** Real SDK exporters, all three protocols, configured only with an endpoint and a key. */
import { SpanKind, SpanStatusCode, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter as GrpcMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtoMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { LoggerProvider, SimpleLogRecordProcessor, type LogRecordExporter } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { SimpleSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { Metadata } from '@grpc/grpc-js';
import type {
  LogsResponse,
  ServicesResponse,
  TimeseriesResponse,
  TraceResponse,
  TracesResponse,
} from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Key, TestPlatform, eventually } from './support/platform.js';

let platform: TestPlatform;
let key: Key;
beforeAll(async () => {
  platform = await TestPlatform.start();
  key = await platform.developmentKey();
});
afterAll(() => platform?.dispose());

interface Exporters {
  readonly spans: SpanExporter;
  readonly logs: LogRecordExporter;
  readonly metrics: PushMetricExporter;
}

const http = (signal: string) => ({
  url: `${platform.otlpHttpUrl}/v1/${signal}`,
  headers: { 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret },
  compression: CompressionAlgorithm.GZIP,
});
function grpc() {
  const metadata = new Metadata();
  // The spelling that SDKs of the product demand: underscores, and the pair in one bearer value.
  metadata.set('authorization', `Bearer ${key.keyId.replace('tfk-', 'tfk_')}:${key.keySecret.replace('tfs-', 'tfs_')}`);
  return { url: `http://${platform.otlpGrpcTarget}`, metadata };
}

const protocols: [string, () => Exporters][] = [
  [
    'http/protobuf',
    () => ({
      spans: new ProtoTraceExporter(http('traces')),
      logs: new ProtoLogExporter(http('logs')),
      metrics: new ProtoMetricExporter(http('metrics')),
    }),
  ],
  [
    'http/json',
    () => ({
      spans: new JsonTraceExporter(http('traces')),
      logs: new JsonLogExporter(http('logs')),
      metrics: new JsonMetricExporter(http('metrics')),
    }),
  ],
  [
    'grpc',
    () => ({
      spans: new GrpcTraceExporter(grpc()),
      logs: new GrpcLogExporter(grpc()),
      metrics: new GrpcMetricExporter(grpc()),
    }),
  ],
];

describe.each(protocols)('%s', (protocol, exporters) => {
  it('carries a trace, its logs and its metrics to the read API', async () => {
    const service = `sdk-${protocol.replace('/', '-')}`;
    const resource = resourceFromAttributes({
      'service.name': service,
      'service.version': '1.2.3',
      'process.pid': process.pid,
    });
    const { spans, logs, metrics } = exporters();
    const tracing = new TracerProvider({ resource, spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] });
    const logging = new LoggerProvider({ resource, processors: [new SimpleLogRecordProcessor({ exporter: logs })] });
    const metering = new MeterProvider({
      resource,
      readers: [new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 60_000 })],
    });

    const tracer = tracing.getTracer('test', '0.1.0');
    const parent = tracer.startSpan(
      'GET /basket',
      { kind: SpanKind.SERVER, attributes: { 'http.route': '/basket', 'http.response.status_code': 200 } },
      ROOT_CONTEXT,
    );
    const inParent = trace.setSpan(ROOT_CONTEXT, parent);
    const child = tracer.startSpan(
      'SELECT basket',
      { kind: SpanKind.CLIENT, attributes: { 'db.rows': 3, ratio: 0.25, cached: false, tags: ['a', 'b'] } },
      inParent,
    );
    child.addEvent('retry', { attempt: 2 });
    child.recordException(new TypeError('no such basket'));
    child.setStatus({ code: SpanStatusCode.ERROR, message: 'no such basket' });
    logging.getLogger('test').emit({
      severityNumber: SeverityNumber.WARN,
      severityText: 'WARN',
      body: 'basket is missing',
      attributes: { basket: 7 },
      context: trace.setSpan(ROOT_CONTEXT, child),
    });
    child.end();
    parent.end();
    const meter = metering.getMeter('test');
    meter.createCounter('baskets.opened', { unit: '{basket}' }).add(4, { color: 'red' });
    meter.createHistogram('basket.size', { unit: 'By' }).record(10);
    await Promise.all([tracing.forceFlush(), logging.forceFlush(), metering.forceFlush()]);
    await Promise.all([tracing.shutdown(), logging.shutdown(), metering.shutdown()]);

    const { traceId, spanId } = parent.spanContext();
    const { spans: read } = await eventually('both spans', async () => {
      const { status, body } = await platform.api<TraceResponse>('GET', `/api/v2/telemetry/traces/${traceId}`, {
        as: 'viewer',
      });
      return status === 200 && body.spans.length === 2 ? body : undefined;
    });
    const readParent = read.find((s) => s.spanId === spanId);
    const readChild = read.find((s) => s.spanId === child.spanContext().spanId);
    expect(readParent).toMatchObject({
      name: 'GET /basket',
      kind: 'server',
      parentSpanId: '',
      serviceName: service,
      statusCode: 'unset',
      attributes: { 'http.response.status_code': 200 },
    });
    expect(readParent?.resourceAttributes).toMatchObject({ 'service.version': '1.2.3', 'process.pid': process.pid });
    expect(readChild).toMatchObject({
      parentSpanId: spanId,
      kind: 'client',
      statusCode: 'error',
      statusMessage: 'no such basket',
    });
    expect(readChild?.attributes).toEqual({ 'db.rows': 3, ratio: 0.25, cached: false, tags: ['a', 'b'] });
    expect(readChild?.events.map((e) => e.name)).toEqual(['retry', 'exception']);
    expect(readChild?.events[1]?.attributes).toMatchObject({
      'exception.type': 'TypeError',
      'exception.message': 'no such basket',
    });

    const record = await eventually('the log', async () => {
      const { body } = await platform.api<LogsResponse>(
        'GET',
        `/api/v2/telemetry/logs?filter=${encodeURIComponent(`service:${service} AND severity:WARN AND basket:7`)}`,
      );
      return body.data[0];
    });
    expect(record).toMatchObject({
      body: 'basket is missing',
      traceId,
      spanId: child.spanContext().spanId,
      severityNumber: 13,
      attributes: { basket: 7 },
    });

    const counted = await eventually('the counter', async () => {
      const query = new URLSearchParams({
        metricName: 'baskets.opened',
        aggregation: 'last',
        groupBy: 'color',
        filter: `service:${service}`,
        step: '1m',
      });
      const { body } = await platform.api<TimeseriesResponse>('GET', `/api/v2/telemetry/metrics/timeseries?${query}`);
      return body.series[0];
    });
    expect(counted.labels).toEqual({ color: 'red' });
    expect(counted.points.findLast(([, v]) => v !== null)?.[1]).toBe(4);

    const { body: found } = await platform.api<TracesResponse>(
      'GET',
      `/api/v2/telemetry/traces?filter=${encodeURIComponent(`service:${service} db.rows>2`)}`,
    );
    expect(found.data).toMatchObject([
      {
        traceId,
        rootServiceName: service,
        rootSpanName: 'GET /basket',
        spanCount: 2,
        errorCount: 1,
        services: [service],
      },
    ]);
    const { body: services } = await platform.api<ServicesResponse>('GET', '/api/v2/telemetry/services');
    expect(services.data.map((s) => s.name)).toContain(service);
  });
});

it('shows nothing of it to another tenant', async () => {
  const { body } = await platform.api<ServicesResponse>('GET', '/api/v2/telemetry/services', { as: 'demo' });
  expect(body.data.filter((s) => s.name.startsWith('sdk-'))).toEqual([]);
});
