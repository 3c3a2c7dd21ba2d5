import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EventBus } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import { KeyUsage } from '../modules/300-api-keys/index.js';
import type { DurationObserver } from '../modules/400-telemetry/ingest/ingest-stats.js';
import { IngestServer, PortError } from '../modules/400-telemetry/ingest/ingest-server.js';
import { ClickHouseMigrator } from '../shared/clickhouse/index.js';
import { TelemetryIngested } from '../shared/messaging/index.js';
import { ConfigError, listenHost, MetricsRegistry, type Runtime } from '../shared/platform/index.js';
import { withoutCanary } from './canary.js';
import type { IngestGate } from './ingest-gate.js';
import { observeKeys } from './observe-keys.js';
import { portFault } from './ports.js';
import { insertLanes, type SegmentJobs } from './segment-jobs.js';

/** Ingest, tied to its gate, the store and the events of this application; it does not listen yet. */
export function buildIngest(
  app: NestFastifyApplication,
  runtime: Runtime,
  gate: IngestGate,
  logger: Logger,
  segments: SegmentJobs,
): IngestServer {
  const queue = segments.transport;
  const bus = app.get(EventBus);
  return new IngestServer({
    settings: runtime.config,
    host: listenHost(runtime.config),
    dataDir: runtime.dataDir,
    clickhouse: runtime.clickhouse,
    authenticator: gate.authenticator,
    admission: gate.admission,
    storeReady: app.get(ClickHouseMigrator).ready,
    logger: logger.child({ part: 'ingest' }),
    maxPastMs: runtime.config.INGEST_MAX_PAST_SECONDS * 1000,
    maxFutureMs: runtime.config.INGEST_MAX_FUTURE_SECONDS * 1000,
    lanes: insertLanes(runtime.config),
    ...(queue === undefined ? {} : { queue }),
    onAnswered: observeDurations(app.get(MetricsRegistry)),
    onKeyAnswered: observeKeys(app.get(KeyUsage, { strict: false })),
    onIngested: (ingested) => bus.publish(new TelemetryIngested(withoutCanary(ingested))),
    onSetAside: (entries) => segments.tellSetAside(entries),
  });
}

/** The time of OTLP requests as a histogram; its children are looked up once, not at every request. */
function observeDurations(metrics: MetricsRegistry): DurationObserver {
  const histogram = metrics.durationMs(
    'otlp_ingestion_duration_ms',
    'From the headers of an OTLP request to its answer',
    ['signal', 'protocol'],
  );
  const children = new Map<string, { observe(ms: number): void }>();
  return (signal, protocol, durationMs) => {
    const key = `${signal} ${protocol}`;
    let child = children.get(key);
    if (child === undefined) children.set(key, (child = histogram.labels({ signal, protocol })));
    child.observe(durationMs);
  };
}

/** @throws ConfigError that names the taken port's variable */
export async function startIngest(ingest: IngestServer, host: string): Promise<void> {
  try {
    await ingest.start();
  } catch (error) {
    if (error instanceof PortError) throw new ConfigError([portFault(error.variable, error.port, host, error.code)]);
    throw error;
  }
}
