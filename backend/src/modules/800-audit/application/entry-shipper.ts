import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER, MetricsRegistry, playsRole, RUNTIME, type Runtime } from '../../../shared/platform/index.js';
import { EntryStore } from './entry-store.js';
import { EraseFromTrail } from './erase-from-trail.js';
import { Ledger } from './ledger.js';

const BATCH = 500;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;
/** Turn that is taken unasked: a node that died may have left entries behind. */
const IDLE_MS = 30_000;

/** Brings entries from the ledger to the store, in their order, as soon as the store takes them. */
@Injectable()
export class EntryShipper implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  #wake: () => void = () => undefined;
  #woken = true;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly ledger: Ledger,
    private readonly entries: EntryStore,
    private readonly erase: EraseFromTrail,
    private readonly metrics: MetricsRegistry,
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.metrics.observe({
      name: 'audit_entries_pending',
      help: 'Entries of the audit trail on their way to the telemetry store',
      type: 'gauge',
      observe: async () => [{ value: await this.ledger.pendingCount() }],
    });
  }

  onApplicationBootstrap(): void {
    if (playsRole(this.runtime.config, 'worker')) this.#running = this.#shipUntilStopped();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#running;
  }

  /** There may be something to ship. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /**
   * Ships all there is, then goes through the trail for people who were erased.
   *
   * @throws when the store or the database is away; what was not shipped is still in the ledger
   */
  async ship(): Promise<void> {
    while ((await this.ledger.handOver(BATCH, (entries) => this.entries.insert(entries))) === BATCH);
    while (!this.#stopped && (await this.erase.next()));
  }

  async #shipUntilStopped(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#stopped) {
      this.#woken = false;
      try {
        await this.ship();
        retryMs = FIRST_RETRY_MS;
        await this.#pause(IDLE_MS, () => this.#woken);
      } catch (err) {
        this.logger.warn({ err, retryMs }, 'audit entries wait for the store; they are kept and shipped later');
        // New entries don't hurry a store that is away.
        await this.#pause(retryMs, () => false);
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  async #pause(ms: number, isWoken: () => boolean): Promise<void> {
    const until = performance.now() + ms;
    while (!this.#stopped && !isWoken()) {
      const left = until - performance.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
