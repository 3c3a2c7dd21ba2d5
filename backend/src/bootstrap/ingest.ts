import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EventBus } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import { IngestServer, PortError } from '../modules/400-telemetry/ingest/ingest-server.js';
import { ClickHouseMigrator } from '../shared/clickhouse/index.js';
import { TelemetryIngested } from '../shared/messaging/index.js';
import { ConfigError, listenHost, type Runtime } from '../shared/platform/index.js';
import { withoutCanary } from './canary.js';
import type { IngestGate } from './ingest-gate.js';
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
    onIngested: (ingested) => bus.publish(new TelemetryIngested(withoutCanary(ingested))),
    onSetAside: (entries) => segments.tellSetAside(entries),
  });
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
