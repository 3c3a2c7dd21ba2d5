import { randomBytes } from 'node:crypto';
import type { Signal } from '@telemetryflow/otlp';

/** Whose telemetry the canary is. No tenant of the platform has this id, so no query of anyone reaches it. */
export const CANARY_TENANT_ID = 'ca4a4700-0000-8000-8000-000000000000';
export const CANARY_METRIC = 'telemetryflow.canary';

/**
 * The day on which the canary lives. No sender's clock is so wrong, so its rows have partitions of their own, out of which
 * they can be deleted without touching anybody's.
 */
const CANARY_DAY_MS = 86_400_000;
const DAY_MS = 86_400_000;

/** One span, one log record and one data point that nothing else is like. */
export interface CanaryTelemetry {
  /** Hex. Of the span and of the log record. */
  readonly traceId: string;
  /** Of all three, on the canary's day. */
  readonly timeUnixNano: string;
  /** The same in milliseconds: when it is to have been received, for on any other day it would be refused. */
  readonly timeMs: number;
  /** Export requests as OTLP/JSON. */
  readonly bodies: Readonly<Record<Signal, Uint8Array>>;
}

export function newCanaryTelemetry(): CanaryTelemetry {
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  const timeUnixNano = String(BigInt(CANARY_DAY_MS) * 1_000_000n + (randomBytes(8).readBigUInt64LE() % DAY_NS));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'telemetryflow-canary' } }] };
  const span = {
    traceId,
    spanId,
    name: 'canary',
    kind: 1,
    startTimeUnixNano: timeUnixNano,
    endTimeUnixNano: timeUnixNano,
  };
  const log = { traceId, spanId, timeUnixNano, severityNumber: 9, body: { stringValue: 'canary' } };
  const metric = { name: CANARY_METRIC, unit: '1', gauge: { dataPoints: [{ timeUnixNano, asInt: '1' }] } };
  return {
    traceId,
    timeUnixNano,
    timeMs: Number(BigInt(timeUnixNano) / 1_000_000n),
    bodies: {
      traces: json({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
      logs: json({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [log] }] }] }),
      metrics: json({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] }),
    },
  };
}

const DAY_NS = BigInt(DAY_MS) * 1_000_000n;

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
