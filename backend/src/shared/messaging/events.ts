/** A fact that a transaction left in the outbox; handled once in the whole platform, on the node that relays it. */
export class PlatformEvent {
  constructor(
    /** The outbox row's id: the same at every redelivery. */
    readonly id: string,
    /** `area.event` in the past tense, e.g. `user.created`. */
    readonly type: string,
    readonly payload: Readonly<Record<string, unknown>>,
    readonly organizationId: string | null,
    readonly occurredAt: Date,
  ) {}
}

/** The same fact as it reaches every node, for what each keeps for itself (caches, sockets). */
export class ClusterEvent {
  constructor(readonly event: PlatformEvent) {}
}

/** The subject of an event on NATS, e.g. `iam.user.created`, `telemetry.metrics.ingested`. */
export function subjectOf(type: string): string {
  const area = type.split('.', 1)[0] ?? '';
  if (IAM_AREAS.has(area)) return `iam.${type}`;
  return area === 'telemetry' ? type : `telemetry.${type}`;
}

const IAM_AREAS: ReadonlySet<string> = new Set([
  'api-key',
  'api_key',
  'auth',
  'group',
  'organization',
  'role',
  'session',
  'tenant',
  'user',
  'workspace',
]);

/** The wire form of an event. */
export function encodeEvent(event: PlatformEvent): Uint8Array {
  const { id, type, payload, organizationId, occurredAt } = event;
  return Buffer.from(JSON.stringify({ id, type, payload, organizationId, occurredAt: occurredAt.toISOString() }));
}

/** @throws SyntaxError or TypeError when `bytes` are no event */
export function decodeEvent(bytes: Uint8Array): PlatformEvent {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  if (!isWireEvent(value)) throw new TypeError('The message is no event');
  return new PlatformEvent(value.id, value.type, value.payload, value.organizationId, new Date(value.occurredAt));
}

interface WireEvent {
  readonly id: string;
  readonly type: string;
  readonly payload: Record<string, unknown>;
  readonly organizationId: string | null;
  readonly occurredAt: string;
}

function isWireEvent(value: unknown): value is WireEvent {
  if (typeof value !== 'object' || value === null) return false;
  const event: Partial<Record<keyof WireEvent, unknown>> = value;
  return (
    typeof event.id === 'string' &&
    typeof event.type === 'string' &&
    typeof event.payload === 'object' &&
    event.payload !== null &&
    (event.organizationId === null || typeof event.organizationId === 'string') &&
    typeof event.occurredAt === 'string'
  );
}

/** Rows of one tenant and signal that can be queried from now on. */
export interface IngestedRows {
  readonly tenantId: string;
  readonly signal: 'traces' | 'logs' | 'metrics';
  /** Spans, data points or log records. */
  readonly rows: number;
  readonly services: ReadonlySet<string>;
}

/** Published on the EventBus of the ingesting node after the rows of a segment are in the store. */
export class TelemetryIngested {
  constructor(readonly ingested: readonly IngestedRows[]) {}
}
