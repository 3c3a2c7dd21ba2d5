import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../../shared/platform/index.js';
import { ApiKeys, type KeyUse } from './api-keys.js';

const FLUSH_INTERVAL_MS = 30_000;

/** Counts uses in memory and writes them down every half minute: a request never waits for a write. */
@Injectable()
export class KeyUsage implements OnModuleInit, OnApplicationShutdown {
  #uses = new Map<string, { count: number; lastUsedAt: Date }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly keys: ApiKeys,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_INTERVAL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  note(apiKeyId: string): void {
    const use = this.#uses.get(apiKeyId);
    if (use) {
      use.count += 1;
      use.lastUsedAt = new Date();
    } else {
      this.#uses.set(apiKeyId, { count: 1, lastUsedAt: new Date() });
    }
  }

  /** Writes what was counted; what can't be written now is counted on. */
  async flush(): Promise<void> {
    if (this.#uses.size === 0) return;
    const counted = this.#uses;
    this.#uses = new Map();
    const uses: KeyUse[] = [...counted].map(([apiKeyId, use]) => ({ apiKeyId, ...use }));
    try {
      await this.keys.noteUses(uses);
    } catch (error) {
      this.logger.warn({ err: error, keys: uses.length }, 'the use of API keys could not be written down yet');
      for (const { apiKeyId, count, lastUsedAt } of uses) {
        const since = this.#uses.get(apiKeyId);
        this.#uses.set(apiKeyId, {
          count: count + (since?.count ?? 0),
          lastUsedAt: since?.lastUsedAt ?? lastUsedAt,
        });
      }
    }
  }
}
