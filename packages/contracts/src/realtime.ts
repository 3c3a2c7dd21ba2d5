import { z } from 'zod';
import { Instant } from './common.js';
import { LogRecord } from './telemetry.js';

/**
 * Socket.IO namespace `/telemetry`. The handshake carries the access token (`auth.token`) and the scope headers' values
 * (`auth.tenantId`); the server joins the socket to its rooms, `workspace:{id}:tenant:{id}` and those of the signals that its
 * person may read there. Nothing a client says can join another.
 */
export const TELEMETRY_NAMESPACE = '/telemetry';

export const SocketHandshake = z.object({ token: z.string().max(8192), tenantId: z.string().max(64).optional() });
export type SocketHandshake = z.infer<typeof SocketHandshake>;

/** Server → client, at most every 10 s, when something came in. */
export const MetricsNew = z.object({ count: z.int(), timestamp: Instant, services: z.array(z.string()) });
export type MetricsNew = z.infer<typeof MetricsNew>;

/** Client → server: begin (or change) the live tail. Acknowledged with {@link LogsSubscribed} or {@link SocketProblem}. */
export const SubscribeLogs = z.object({
  filter: z.string().max(4096).default(''),
  /** `resume` of the last batch, after a reconnect: what came in between is sent first, as far as the limits reach. */
  resume: z.string().max(256).optional(),
});
export type SubscribeLogs = z.infer<typeof SubscribeLogs>;
export const LogsSubscribed = z.object({ ok: z.literal(true), resume: z.string() });
export type LogsSubscribed = z.infer<typeof LogsSubscribed>;
export const SocketProblem = z.object({
  ok: z.literal(false),
  code: z.string(),
  /** What is wrong and what to do. */
  message: z.string(),
});
export type SocketProblem = z.infer<typeof SocketProblem>;

/** Server → client: records that match, oldest first. */
export const LogsNew = z.object({
  logs: z.array(LogRecord),
  /** Records that matched since the batch before, those not sent included. */
  count: z.int(),
  /** Matching records that were left out: too many for the rate, or the client was too slow. */
  dropped: z.int(),
  resume: z.string(),
});
export type LogsNew = z.infer<typeof LogsNew>;

/** Event names, both ways. */
export const SOCKET_EVENTS = {
  metricsNew: 'metrics:new',
  logsNew: 'logs:new',
  tracesNew: 'traces:new',
  subscribeLogs: 'subscribe:logs',
  unsubscribeLogs: 'unsubscribe:logs',
  /** Client → server: the batch was shown; until then at most a few further ones are sent. */
  logsShown: 'logs:shown',
  alertTriggered: 'alert:triggered',
  dashboardUpdated: 'dashboard:updated',
  subscribeDashboard: 'subscribe:dashboard',
  unsubscribeDashboard: 'unsubscribe:dashboard',
} as const;
