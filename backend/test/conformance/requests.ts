/** Requests of one valid item each, with what a test is about put in; made of plain objects, encoded by protobufjs. */
import { randomBytes } from 'node:crypto';
import type { SignalName } from '../support/otlp.js';
import type { Message } from '../support/otlp-client.js';

let services = 0;
/** A service name by which a test finds its rows again. */
export const newService = (): string => `conformance-${++services}`;

export const id = (bytes: number): Buffer => randomBytes(bytes);
export const nowNano = (): string => String(BigInt(Date.now()) * 1_000_000n);
export const text = (key: string, stringValue: string): Message => ({ key, value: { stringValue } });
export const attribute = (key: string, value: Message): Message => ({ key, value });

export const span = (over: Message = {}): Message => ({
  traceId: id(16),
  spanId: id(8),
  name: 'GET /basket',
  kind: 2,
  startTimeUnixNano: nowNano(),
  endTimeUnixNano: nowNano(),
  ...over,
});

export const logRecord = (over: Message = {}): Message => ({
  timeUnixNano: nowNano(),
  observedTimeUnixNano: nowNano(),
  severityNumber: 9,
  body: { stringValue: 'a line' },
  ...over,
});

export const gauge = (point: Message = {}, over: Message = {}): Message => ({
  name: 'room.temperature',
  gauge: { dataPoints: [{ timeUnixNano: nowNano(), asDouble: 21.5, ...point }] },
  ...over,
});

export const sum = (point: Message, over: Message = {}): Message => ({
  name: 'baskets.opened',
  sum: {
    aggregationTemporality: 2,
    isMonotonic: true,
    dataPoints: [{ startTimeUnixNano: nowNano(), timeUnixNano: nowNano(), ...point }],
    ...over,
  },
});

const MAKE: Record<SignalName, (over?: Message) => Message> = { traces: span, logs: logRecord, metrics: gauge };

/** One valid item of the signal. */
export const itemOf = (signal: SignalName): Message => MAKE[signal]();

const NAMES: Record<SignalName, [groups: string, scopes: string, items: string]> = {
  traces: ['resourceSpans', 'scopeSpans', 'spans'],
  logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
  metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
};

export interface Envelope {
  readonly resource?: Message;
  readonly scope?: Message;
  readonly resourceSchemaUrl?: string;
  readonly scopeSchemaUrl?: string;
}

/** A request with one resource of that service name and one scope. */
export function requestOf(signal: SignalName, service: string, items: Message[], envelope: Envelope = {}): Message {
  const [groups, scopes, list] = NAMES[signal];
  const resource = envelope.resource ?? {};
  const attributes = [text('service.name', service), ...((resource['attributes'] ?? []) as Message[])];
  const scopeGroup = { scope: envelope.scope ?? { name: 'test' }, [list]: items };
  const group = {
    resource: { ...resource, attributes },
    [scopes]: [withSchema(scopeGroup, envelope.scopeSchemaUrl)],
  };
  return { [groups]: [withSchema(group, envelope.resourceSchemaUrl)] };
}

const withSchema = (group: Message, schemaUrl: string | undefined): Message =>
  schemaUrl === undefined ? group : { ...group, schemaUrl };
