import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { IngestServer } from '../modules/400-telemetry/ingest/ingest-server.js';
import { Database } from '../shared/platform/database/index.js';
import {
  HealthRegistry,
  MetricsRegistry,
  type ObservedMetric,
  type ObservedValue,
  type Runtime,
} from '../shared/platform/index.js';

type Snapshot = ReturnType<IngestServer['snapshot']>;
type IngestMetric = Omit<ObservedMetric, 'observe'> & { of(snapshot: Snapshot): ObservedValue[] };

/** Segments that wait longer than this mean: the store does not take them. */
const LAG_IS_TROUBLE_MS = 30_000;

const one = (value: number): ObservedValue[] => [{ value }];
const labelled = (values: readonly { labels: Readonly<Record<string, string>>; value: number }[]): ObservedValue[] =>
  values.map(({ labels, value }) => ({ labels: { ...labels }, value }));

const INGEST_METRICS: readonly IngestMetric[] = [
  {
    name: 'otlp_ingestion_total',
    help: 'OTLP requests answered',
    type: 'counter',
    labelNames: ['signal', 'protocol', 'code', 'reason'],
    of: ({ requests }) => labelled(requests),
  },
  {
    name: 'otlp_ingestion_items_total',
    help: 'Spans, data points and log records accepted',
    type: 'counter',
    labelNames: ['signal'],
    of: ({ acceptedItems }) => labelled(acceptedItems),
  },
  {
    name: 'otlp_ingestion_refused_items_total',
    help: 'Spans, data points and log records refused',
    type: 'counter',
    labelNames: ['signal', 'reason'],
    of: ({ refusedItems }) => labelled(refusedItems),
  },
  {
    name: 'otlp_ingestion_bytes_total',
    help: 'Bytes of accepted requests after inflating',
    type: 'counter',
    of: ({ bodyBytes }) => one(bodyBytes),
  },
  {
    name: 'otlp_ingestion_fdatasyncs_total',
    help: 'Group commits of the ingest log',
    type: 'counter',
    of: ({ fdatasyncs }) => one(fdatasyncs),
  },
  {
    name: 'otlp_ingestion_segments_inserted_total',
    help: 'Segments that are in the store',
    type: 'counter',
    of: ({ segmentsInserted }) => one(segmentsInserted),
  },
  {
    name: 'otlp_ingestion_insert_failures_total',
    help: 'Inserts that failed and are tried again',
    type: 'counter',
    labelNames: ['kind'],
    of: ({ insertFailures }) => Object.entries(insertFailures).map(([kind, value]) => ({ labels: { kind }, value })),
  },
  {
    name: 'otlp_ingestion_segments_poisoned',
    help: 'Segments put aside because the store can’t take them',
    type: 'gauge',
    of: ({ segmentsPoisoned }) => one(segmentsPoisoned),
  },
  {
    name: 'otlp_ingestion_damaged_regions_total',
    help: 'Stretches of the ingest log that could not be read back',
    type: 'counter',
    of: ({ damagedRegions }) => one(damagedRegions),
  },
  {
    name: 'otlp_ingestion_segments_waiting',
    help: 'Sealed segments that wait for the store',
    type: 'gauge',
    of: ({ segmentsWaiting }) => one(segmentsWaiting),
  },
  {
    name: 'otlp_ingestion_log_bytes',
    help: 'Size of the ingest log',
    type: 'gauge',
    of: ({ logBytes }) => one(logBytes),
  },
  {
    name: 'otlp_ingestion_free_disk_bytes',
    help: 'Free space where the ingest log lives',
    type: 'gauge',
    of: ({ freeDiskBytes }) => one(freeDiskBytes),
  },
  {
    name: 'otlp_ingestion_bodies_in_flight_bytes',
    help: 'Memory held by requests under way',
    type: 'gauge',
    of: ({ bodiesInFlightBytes }) => one(bodiesInFlightBytes),
  },
  {
    name: 'otlp_ingestion_lag_ms',
    help: 'Age of the oldest acknowledged record that can’t be queried yet',
    type: 'gauge',
    of: ({ oldestPendingMs }) => one(oldestPendingMs),
  },
];

/** Health and metrics of what the application itself does not own: the database, the engines, ingest. */
export function observe(app: NestFastifyApplication, runtime: Runtime, ingest: IngestServer | undefined): void {
  const health = app.get(HealthRegistry);
  const metrics = app.get(MetricsRegistry);
  const database = app.get(Database);
  health.register({
    name: 'postgres',
    critical: true,
    check: async () => {
      await database.ping();
    },
  });
  metrics.observe({
    name: 'engine_restarts_total',
    help: 'How often an embedded engine was started again after it died',
    type: 'counter',
    labelNames: ['engine'],
    observe: () => runtime.engines.map(({ name, restarts }) => ({ labels: { engine: name }, value: restarts })),
  });
  if (ingest !== undefined) observeIngest(ingest, health, metrics);
}

function observeIngest(ingest: IngestServer, health: HealthRegistry, metrics: MetricsRegistry): void {
  health.register({
    name: 'ingest',
    critical: true,
    check: async () => {
      const { segmentsWaiting, oldestPendingMs, segmentsPoisoned } = ingest.snapshot();
      const detail = `${segmentsWaiting} segments waiting, ${segmentsPoisoned} put aside`;
      return oldestPendingMs > LAG_IS_TROUBLE_MS ? { detail: `${detail}; the store lags behind` } : { detail };
    },
  });
  for (const { of, ...metric } of INGEST_METRICS) metrics.observe({ ...metric, observe: () => of(ingest.snapshot()) });
}
