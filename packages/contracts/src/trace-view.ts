import { z } from 'zod';
import { Uint64Text } from './common.js';

/** Whom a client or producer span calls outside of what is traced: a database, a queue, another system. */
export const TracePeer = z.object({
  kind: z.enum(['database', 'queue', 'external']),
  /** `postgresql`, `kafka`; empty for an external system. */
  system: z.string(),
  name: z.string(),
});
export type TracePeer = z.infer<typeof TracePeer>;

/** Whom the spans of a trace call. */
export const TracePeersResponse = z.object({
  peers: z.array(TracePeer),
  /** [id of the span, position among `peers`], by start. */
  spans: z.array(z.tuple([z.string(), z.int()])),
});
export type TracePeersResponse = z.infer<typeof TracePeersResponse>;

/**
 * What a picture of a trace needs of its spans, in columns, so that 50,000 of them are a few megabytes: by position, the
 * earliest span first. Everything else of a span is asked for one by one.
 */
export const TraceOutline = z.object({
  traceId: z.string(),
  /** Of the whole trace; more than are answered when `truncated`. */
  spanCount: z.int(),
  truncated: z.boolean(),
  startTimeUnixNano: Uint64Text,
  names: z.array(z.string()),
  services: z.array(z.string()),
  spanIds: z.array(z.string()),
  /** Position of the span that has the parent's id; -1 for a root, -2 when the parent is not among these spans. */
  parents: z.array(z.int()),
  /** Position among `names`; below among `services`. */
  name: z.array(z.int()),
  service: z.array(z.int()),
  /** Position in `SpanKind`, `StatusCode`. */
  kind: z.array(z.int()),
  status: z.array(z.int()),
  /** Nanoseconds since the trace began, exact. */
  start: z.array(z.number()),
  duration: z.array(z.number()),
  /** [position of the span, id of its parent], for each of `parents` that is -2. */
  orphans: z.array(z.tuple([z.int(), z.string()])),
  /** [position of the span, nanoseconds since the trace began, position of the event's name in `names`]. */
  events: z.array(z.tuple([z.int(), z.number(), z.int()])),
});
export type TraceOutline = z.infer<typeof TraceOutline>;

export const TraceMatchesQuery = z.object({
  /** TFQL over spans. */
  filter: z.string().max(4096, { error: 'must be at most 4096 characters' }).default(''),
});
export type TraceMatchesQuery = z.infer<typeof TraceMatchesQuery>;
/** The trace's spans that match, by start. */
export const TraceMatchesResponse = z.object({ spanIds: z.array(z.string()) });
export type TraceMatchesResponse = z.infer<typeof TraceMatchesResponse>;
