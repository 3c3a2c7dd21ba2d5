import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Canary, CanaryFault } from '../modules/400-telemetry/ingest/canary/canary.js';
import type { IngestServer } from '../modules/400-telemetry/ingest/ingest-server.js';
import {
  HealthRegistry,
  MetricsRegistry,
  type HealthDetail,
  type ObservedMetric,
  type ObservedValue,
} from '../shared/platform/index.js';
import type { IngestGate } from './ingest-gate.js';

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
    name: 'otlp_ingestion_bodies_waiting',
    help: 'Requests that wait for a decode thread',
    type: 'gauge',
    of: ({ bodiesWaiting }) => one(bodiesWaiting),
  },
  {
    name: 'otlp_ingestion_decode_thread_restarts_total',
    help: 'Decode threads that ended and were replaced',
    type: 'counter',
    of: ({ decodeThreadRestarts }) => one(decodeThreadRestarts),
  },
  {
    name: 'otlp_ingestion_grpc_connections',
    help: 'Open OTLP/gRPC connections',
    type: 'gauge',
    of: ({ grpcConnections }) => one(grpcConnections),
  },
  {
    name: 'otlp_ingestion_segments_sent_total',
    help: 'Segments handed to worker nodes',
    type: 'counter',
    of: ({ segmentsSent }) => one(segmentsSent),
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
    help: 'Sets of rows put aside because the store can’t take them',
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

const CANARY_FAULTS: Record<CanaryFault, string> = {
  not_taken: 'ingest does not take what it sends',
  not_readable: 'the store does not answer',
  not_back_in_time: 'what it sent can not be queried in time',
};

/** Health and metrics of this node's ingest. */
export function observeIngest(
  app: NestFastifyApplication,
  ingest: IngestServer,
  gate: IngestGate,
  canary: Canary | undefined,
): void {
  const health = app.get(HealthRegistry);
  const metrics = app.get(MetricsRegistry);
  health.register({ name: 'ingest', critical: true, check: async () => ({ detail: detailOf(ingest.snapshot()) }) });
  // Not critical: while the store is away ingest goes on into its log.
  health.register({ name: 'canary', critical: false, check: async () => canaryHealth(canary) });
  for (const { of, ...metric } of INGEST_METRICS) metrics.observe({ ...metric, observe: () => of(ingest.snapshot()) });
  metrics.observe({
    name: 'otlp_ingestion_rate_limited_total',
    help: 'OTLP requests refused for a rate or quota, by kind of limit',
    type: 'counter',
    labelNames: ['kind'],
    observe: () => gate.refusals.map(({ kind, requests }) => ({ labels: { kind }, value: requests })),
  });
  if (canary !== undefined) observeCanary(canary, metrics);
}

function detailOf({ segmentsWaiting, logBytes, oldestPendingMs, segmentsPoisoned, damagedRegions }: Snapshot): string {
  const lag = `lag ${Math.round(oldestPendingMs)} ms`;
  const detail = `${segmentsWaiting} segments waiting, ${logBytes} bytes in the log, ${lag}, ${segmentsPoisoned} put aside, ${damagedRegions} damaged`;
  return oldestPendingMs > LAG_IS_TROUBLE_MS ? `${detail}; the store lags behind` : detail;
}

function canaryHealth(canary: Canary | undefined): HealthDetail {
  if (canary === undefined) return { status: 'disabled' };
  const { fault, roundTripMs, lastSuccessAgeMs } = canary.status;
  const ageSeconds = Math.round(lastSuccessAgeMs / 1000);
  if (fault !== undefined) {
    return { status: 'down', detail: `${CANARY_FAULTS[fault]}; it last came back ${ageSeconds} s ago` };
  }
  if (roundTripMs === undefined) return { detail: 'its first round is under way' };
  return { detail: `queryable ${Math.round(roundTripMs)} ms after the acknowledgement, ${ageSeconds} s ago` };
}

function observeCanary(canary: Canary, metrics: MetricsRegistry): void {
  metrics.observe({
    name: 'otlp_canary_rounds_total',
    help: 'Rounds of the canary, by whether it came back',
    type: 'counter',
    labelNames: ['outcome'],
    observe: () => [
      { labels: { outcome: 'ok' }, value: canary.status.succeeded },
      { labels: { outcome: 'failed' }, value: canary.status.failed },
    ],
  });
  metrics.observe({
    name: 'otlp_canary_round_trip_ms',
    help: 'From the acknowledgement of the canary to its rows in a query, as of its last return',
    type: 'gauge',
    observe: () => (canary.status.roundTripMs === undefined ? [] : one(canary.status.roundTripMs)),
  });
  metrics.observe({
    name: 'otlp_canary_last_success_age_seconds',
    help: 'Time since the canary last came back, or since the start',
    type: 'gauge',
    observe: () => one(canary.status.lastSuccessAgeMs / 1000),
  });
}
