import { randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { EventBus } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import { z } from 'zod';
import {
  ClusterEvents,
  OutboxRelay,
  PlatformEvent,
  TelemetryIngested,
  type IngestedRows,
} from '../../../shared/messaging/index.js';
import { LOGGER, newId } from '../../../shared/platform/index.js';
import { SocketServer } from './socket-server.js';

/** News of this node are told together, so often at most. */
const TELL_EVERY_MS = 250;
/** The event by which the other nodes hear of it. It is worth nothing later: it is in no outbox, and may be lost. */
export const TELEMETRY_INGESTED = 'telemetry.ingested';
const MAX_SERVICES = 200;

const Arrival = z.object({
  tenantId: z.uuid(),
  signal: z.enum(['traces', 'logs', 'metrics']),
  rows: z.int().min(0),
  services: z.array(z.string()),
});
/** Rows of one tenant and signal that can be queried from now on. */
export type Arrival = z.infer<typeof Arrival>;
const News = z.object({ node: z.string(), arrivals: z.array(Arrival) });

type Listener = (arrivals: readonly Arrival[]) => void;

/**
 * Hears what any node's ingest brought into the store and tells this node's listeners, for each arrival once. Between nodes
 * it travels over Redis where there is one, else over NATS.
 */
@Injectable()
export class IngestNews implements OnModuleInit, OnModuleDestroy {
  readonly #node = randomUUID();
  readonly #listeners: Listener[] = [];
  readonly #pending = new Map<string, IngestedRows & { services: Set<string> }>();
  #timer: NodeJS.Timeout | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #unsubscribe: () => void = () => undefined;

  constructor(
    private readonly bus: EventBus,
    private readonly cluster: ClusterEvents,
    private readonly relay: OutboxRelay,
    private readonly sockets: SocketServer,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    const subscription = this.bus.subscribe((event) => {
      if (event instanceof TelemetryIngested) this.#take(event.ingested);
    });
    this.#unsubscribe = () => subscription.unsubscribe();
    this.cluster.listen(TELEMETRY_INGESTED, ({ payload }) => this.#hear(payload));
    this.sockets.onPeer(TELEMETRY_INGESTED, (payload) => this.#hear(payload));
  }

  onModuleDestroy(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  #take(ingested: readonly IngestedRows[]): void {
    for (const { tenantId, signal, rows, services } of ingested) {
      const key = `${tenantId} ${signal}`;
      const known = this.#pending.get(key);
      const all = [...(known?.services ?? []), ...services].slice(0, MAX_SERVICES);
      this.#pending.set(key, { tenantId, signal, rows: rows + (known?.rows ?? 0), services: new Set(all) });
    }
    const waitMs = Math.max(0, this.#toldAt + TELL_EVERY_MS - performance.now());
    if (this.#pending.size > 0) this.#timer ??= setTimeout(() => this.#tell(), waitMs).unref();
  }

  #tell(): void {
    this.#timer = undefined;
    this.#toldAt = performance.now();
    const arrivals = [...this.#pending.values()].map((rows) => ({ ...rows, services: [...rows.services] }));
    this.#pending.clear();
    for (const listener of this.#listeners) listener(arrivals);
    const payload: z.infer<typeof News> = { node: this.#node, arrivals };
    if (this.sockets.tellPeers(TELEMETRY_INGESTED, payload)) return;
    this.relay
      .announce(new PlatformEvent(newId(), TELEMETRY_INGESTED, payload, null, new Date()))
      .catch((err: unknown) => this.logger.debug({ err }, 'other nodes were not told of ingested telemetry'));
  }

  #hear(payload: unknown): void {
    const news = News.safeParse(payload);
    // Its own news come back over some transports.
    if (!news.success || news.data.node === this.#node) return;
    for (const listener of this.#listeners) listener(news.data.arrivals);
  }
}
