import { z } from 'zod';
import { Instant, Uint64Text } from './common.js';
import { MetricType } from './telemetry.js';

/** `queue` is a broker's destination, `external` whatever was called and sent no telemetry of its own. */
export const ServiceMapNodeKind = z.enum(['service', 'database', 'queue', 'external']);
export type ServiceMapNodeKind = z.infer<typeof ServiceMapNodeKind>;

export const ServiceMapNode = z.object({
  id: z.string(),
  kind: ServiceMapNodeKind,
  /** The service's name, the database's or queue's, or the host's. */
  name: z.string(),
  /** `postgresql`, `kafka` …; empty for services and external hosts. */
  system: z.string(),
  /** Of a service: its server and consumer spans. Of anything else: the calls of it that the map shows. */
  requests: z.int(),
  errors: z.int(),
  /** Of a service's requests; null without any, and for what is no service. */
  p95DurationNs: Uint64Text.nullable(),
});
export type ServiceMapNode = z.infer<typeof ServiceMapNode>;

/**
 * Calls of one node by another: a span and its server or consumer child in another service, or a client or producer span
 * without one and whom it names as its peer. A queue is the source of what its consumers took from it.
 */
export const ServiceMapEdge = z.object({
  /** Ids of nodes. */
  source: z.string(),
  target: z.string(),
  calls: z.int(),
  /** Calls that failed for either side. */
  errors: z.int(),
  /** Calls per second. */
  rate: z.number(),
  /** What the caller waited: the duration of its client span; of a message, that of its processing. */
  p95DurationNs: Uint64Text,
});
export type ServiceMapEdge = z.infer<typeof ServiceMapEdge>;

export const ServiceMapResponse = z.object({
  nodes: z.array(ServiceMapNode),
  edges: z.array(ServiceMapEdge),
  /** One of so many traces was looked at, and its calls counted so many times; 1 is exact. */
  sampledOneIn: z.int(),
  /** True when there were more calls between different nodes than one map holds; the rarest were left out. */
  truncated: z.boolean(),
});
export type ServiceMapResponse = z.infer<typeof ServiceMapResponse>;

/** Failed spans of a service that are alike: the same exception type, message without its numbers and ids, and top frames. */
export const ServiceError = z.object({
  /** 16 hexadecimal digits; the same for the same error, whenever it is asked for. */
  fingerprint: z.string(),
  /** `exception.type`, else `error.type`; may be empty. */
  type: z.string(),
  /** With `#` for numbers, `<id>` for identifiers. */
  message: z.string(),
  count: z.int(),
  firstSeen: Instant,
  lastSeen: Instant,
  /** Names of spans, the most frequent first. */
  operations: z.array(z.string()),
  /** Occurrences by step. */
  points: z.array(z.int()),
  /** The newest of them, as it was recorded. */
  sample: z.object({
    traceId: z.string(),
    spanId: z.string(),
    message: z.string(),
    stacktrace: z.string(),
  }),
});
export type ServiceError = z.infer<typeof ServiceError>;
export const ServiceErrorsResponse = z.object({
  /** The most frequent first. */
  data: z.array(ServiceError),
  stepMs: z.int(),
  /** Starts of the steps in Unix ms. */
  times: z.array(z.int()),
  truncated: z.boolean(),
});
export type ServiceErrorsResponse = z.infer<typeof ServiceErrorsResponse>;

/** A `service.version`; empty when the resource says none. */
export const ServiceVersion = z.object({
  version: z.string(),
  /** Within the range and as long before it, at least a day. */
  firstSeen: Instant,
  lastSeen: Instant,
  /** False when it was seen from the beginning of that time on: then it may be older. */
  isDeployKnown: z.boolean(),
  instances: z.int(),
  requests: z.int(),
  errors: z.int(),
  p95DurationNs: Uint64Text.nullable(),
});
export type ServiceVersion = z.infer<typeof ServiceVersion>;
/** The newest first. */
export const ServiceVersionsResponse = z.object({ data: z.array(ServiceVersion) });
export type ServiceVersionsResponse = z.infer<typeof ServiceVersionsResponse>;

/** A metric that tells of where a service runs: its own process or runtime, its container, pod or host. */
export const InfrastructureMetric = z.object({
  name: z.string(),
  type: MetricType,
  unit: z.string(),
  description: z.string(),
  /** TFQL that picks the series of this service's resources. */
  filter: z.string(),
});
export type InfrastructureMetric = z.infer<typeof InfrastructureMetric>;
export const ServiceInfrastructureResponse = z.object({
  /** What the service's resources say of where they are: `host.name`, `k8s.pod.name` … */
  resources: z.array(z.object({ key: z.string(), values: z.array(z.string()) })),
  metrics: z.array(InfrastructureMetric),
});
export type ServiceInfrastructureResponse = z.infer<typeof ServiceInfrastructureResponse>;
