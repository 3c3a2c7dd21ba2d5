/** One OpenTelemetry SDK per service of the shop, as if each ran in a process of its own. */
import { type Meter, type Tracer, context } from '@opentelemetry/api';
import type { Logger } from '@opentelemetry/api-logs';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ExemplarMetricExporter, ExemplarStore } from './exemplars.ts';

export interface Endpoint {
  /** Base address, e.g. `http://localhost:4318`; the signal's path is appended. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Telemetry {
  readonly service: string;
  readonly tracer: Tracer;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly exemplars: ExemplarStore;
  shutdown(): Promise<void>;
}

/** Five services with spans and logs share one key: 600 of the 1,000 requests a minute that it may send by default. */
const EXPORT_DELAY_MS = 1_000;
const METRIC_INTERVAL_MS = 5_000;

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

/** Starts the SDK of one service; `version` appears as `service.version`. */
export function startTelemetry(service: string, version: string, endpoint: Endpoint): Telemetry {
  const resource = resourceFromAttributes({
    'service.name': service,
    'service.version': version,
    'service.namespace': 'shop',
    'service.instance.id': `${service}-0`,
    'deployment.environment.name': 'demo',
    'host.name': 'demo-host',
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
  });
  const target = (signal: string) => ({ url: `${endpoint.url}/v1/${signal}`, headers: { ...endpoint.headers } });
  const exemplars = new ExemplarStore();
  const traces = new TracerProvider({
    resource,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(target('traces')),
        scheduledDelayMillis: EXPORT_DELAY_MS,
      }),
    ],
  });
  const logs = new LoggerProvider({
    resource,
    processors: [
      new BatchLogRecordProcessor({
        exporter: new OTLPLogExporter(target('logs')),
        scheduledDelayMillis: EXPORT_DELAY_MS,
      }),
    ],
  });
  const metrics = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new ExemplarMetricExporter(target('metrics'), exemplars),
        exportIntervalMillis: METRIC_INTERVAL_MS,
        exportTimeoutMillis: METRIC_INTERVAL_MS,
      }),
    ],
  });
  return {
    service,
    tracer: traces.getTracer('shop', version),
    logger: logs.getLogger('shop', version),
    meter: metrics.getMeter('shop', version),
    exemplars,
    async shutdown() {
      await Promise.allSettled([traces.shutdown(), logs.shutdown(), metrics.shutdown()]);
    },
  };
}
