import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER, playsRole, RUNTIME, type Runtime } from '../../../shared/platform/index.js';
import { JobHandlers, QueueService } from '../../../shared/queue/index.js';
import { EntryStore, type ChainEnd } from './entry-store.js';
import { Ledger } from './ledger.js';

const JOB = 'prune-audit-trail';
const DAY_MS = 86_400_000;

/**
 * Lets go, once a day, of what is older than each organization's retention. The ledger goes first and keeps the hash that
 * the first kept entry is linked to; cut short, the next round takes the rest out of the store.
 */
@Injectable()
export class PruneTrail implements OnModuleInit, OnApplicationBootstrap {
  constructor(
    private readonly ledger: Ledger,
    private readonly entries: EntryStore,
    private readonly queues: QueueService,
    private readonly handlers: JobHandlers,
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.handlers.register('cleanup', JOB, () => this.prune(new Date()));
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!playsRole(this.runtime.config, 'worker')) return;
    await this.queues.schedule('cleanup', JOB, { cron: '40 2 * * *' }, JOB);
  }

  /** @throws UnavailableError when the store or the database is away; tried again by the queue */
  async prune(now: Date): Promise<void> {
    const ends: ChainEnd[] = [];
    for (const { chainId, retentionDays } of await this.ledger.chains()) {
      const days = retentionDays ?? this.runtime.config.AUDIT_RETENTION_DAYS;
      const moved = await this.ledger.moveAnchor(chainId, new Date(now.getTime() - days * DAY_MS));
      if (moved && moved.anchorSequence > moved.prunedSequence) ends.push({ chainId, sequence: moved.anchorSequence });
    }
    if (ends.length === 0) return;
    await this.entries.dropUntil(ends);
    for (const { chainId, sequence } of ends) await this.ledger.markPruned(chainId, sequence);
    this.logger.info({ organizations: ends.length }, 'the retention let audit entries go');
  }
}
