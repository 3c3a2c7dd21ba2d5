import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventBus } from '@nestjs/cqrs';
import type { Counter } from 'prom-client';
import type { Logger } from 'pino';
import type { EntityManager } from 'typeorm';
import { Database, systemScope } from '../platform/database/index.js';
import {
  HealthRegistry,
  LOGGER,
  MetricsRegistry,
  playsRole,
  runInScope,
  RUNTIME,
  type Runtime,
} from '../platform/index.js';
import { ClusterEvents } from './cluster-events.js';
import { EventConsumers } from './event-consumers.js';
import { LocalTransport, type EventTransport } from './event-transport.js';
import { ClusterEvent, PlatformEvent } from './events.js';
import { NatsTransport } from './nats-transport.js';
import { OutboxWaker } from './outbox-waker.js';

const BATCH = 50;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 600_000;
const KEEP_DAYS = 7;
const PURGE_EVERY_MS = 3_600_000;
/** Marks of the relay's own two ways beside the registered consumers. */
const BUS = '@bus';
const CLUSTER = '@cluster';

interface OutboxRow {
  readonly id: string;
  readonly type: string;
  readonly payload: Record<string, unknown>;
  readonly organization_id: string | null;
  readonly created_at: Date;
  readonly attempts: number;
  readonly processed_by: string[];
}

/**
 * Publishes what transactions left in the outbox: to the registered consumers (at least once each), to the EventBus, and
 * to every node. Several nodes relay side by side; a row is one node's at a time.
 */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #transport: EventTransport;
  readonly #published: Counter<'outcome'>;
  readonly #waker: OutboxWaker;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;
  #purgedAt = 0;

  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly database: Database,
    private readonly bus: EventBus,
    private readonly consumers: EventConsumers,
    private readonly cluster: ClusterEvents,
    private readonly health: HealthRegistry,
    metrics: MetricsRegistry,
  ) {
    const servers = runtime.config.NATS_URL.split(',').filter((server) => server.trim() !== '');
    this.#transport = servers.length === 0 ? new LocalTransport() : new NatsTransport(servers, logger);
    this.#published = metrics.counter('messaging_events_published_total', 'Events taken from the outbox', ['outcome']);
    this.#waker = new OutboxWaker(runtime.postgres.appUrl, logger);
  }

  async onApplicationBootstrap(): Promise<void> {
    const natsUsed = this.runtime.config.NATS_URL !== '';
    this.health.register({
      name: 'nats',
      critical: false,
      check: async () => (natsUsed ? this.#transport.ping() : { status: 'disabled' as const }),
    });
    await this.#transport.start((event) => {
      this.cluster.deliver(event);
      this.bus.publish(new ClusterEvent(event));
    });
    if (!playsRole(this.runtime.config, 'worker')) return;
    await this.#waker.start();
    this.#running = this.#relayUntilStopped();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopped = true;
    await this.#waker.stop();
    await this.#running;
    await this.#transport.stop();
  }

  /** Tells every node of something that matters only now. It is kept nowhere: when it can't be sent, it is lost. */
  async announce(event: PlatformEvent): Promise<void> {
    await this.#transport.publish(event);
  }

  /** Relays what is due now; answers how many events were looked at. */
  async relayOnce(): Promise<number> {
    return this.database.transaction(systemScope('outbox'), async (manager) => {
      const rows = await manager.query<OutboxRow[]>(
        `SELECT id, type, payload, organization_id, created_at, attempts, processed_by FROM outbox
         WHERE published_at IS NULL AND next_attempt_at <= now()
         ORDER BY next_attempt_at, id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
      );
      for (const row of rows) await this.#relay(manager, row);
      return rows.length;
    });
  }

  async #relayUntilStopped(): Promise<void> {
    while (!this.#stopped) {
      try {
        const relayed = await this.relayOnce();
        await this.#purge();
        if (relayed === BATCH) continue;
      } catch (err) {
        // The database is away: the waker's next turn tries again.
        this.logger.warn({ err }, 'the outbox could not be relayed');
      }
      await this.#waker.next();
    }
  }

  async #relay(manager: EntityManager, row: OutboxRow): Promise<void> {
    const event = new PlatformEvent(row.id, row.type, row.payload, row.organization_id, row.created_at);
    const taken = new Set(row.processed_by);
    const ways = [
      ...this.consumers.of(row.type).map((consumer) => ({
        name: consumer.name,
        take: () => consumer.handle(event),
      })),
      { name: CLUSTER, take: () => this.#transport.publish(event) },
      { name: BUS, take: async () => this.bus.publish(event) },
    ].filter(({ name }) => !taken.has(name));
    let failed = false;
    for (const { name, take } of ways) {
      try {
        await runInScope({ requestId: `event-${row.id}` }, take);
        taken.add(name);
      } catch (err) {
        failed = true;
        this.logger.warn(
          { err, eventId: row.id, type: row.type, consumer: name },
          'an event was not taken; it is tried again',
        );
      }
    }
    this.#published.inc({ outcome: failed ? 'failed' : 'ok' });
    await (failed ? this.#postpone(manager, row, taken) : this.#finish(manager, row, taken));
  }

  async #finish(manager: EntityManager, row: OutboxRow, taken: ReadonlySet<string>): Promise<void> {
    await manager.query('UPDATE outbox SET published_at = now(), processed_by = $2 WHERE id = $1', [
      row.id,
      [...taken],
    ]);
  }

  async #postpone(manager: EntityManager, row: OutboxRow, taken: ReadonlySet<string>): Promise<void> {
    const waitMs = Math.min(FIRST_RETRY_MS * 2 ** row.attempts, LONGEST_RETRY_MS);
    await manager.query(
      `UPDATE outbox SET attempts = attempts + 1, processed_by = $2,
         next_attempt_at = now() + make_interval(secs => $3) WHERE id = $1`,
      [row.id, [...taken], waitMs / 1000],
    );
  }

  async #purge(): Promise<void> {
    if (Date.now() - this.#purgedAt < PURGE_EVERY_MS) return;
    await this.database.transaction(systemScope('outbox'), (manager) =>
      manager.query(`DELETE FROM outbox WHERE published_at < now() - make_interval(days => ${KEEP_DAYS})`),
    );
    this.#purgedAt = Date.now();
  }
}
