import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../../shared/platform/index.js';
import { ApiKeys, type KeyUse, type KeyUseCell } from './api-keys.js';

const FLUSH_INTERVAL_MS = 5_000;
const HOUR_MS = 3_600_000;

interface Cell {
  readonly endpoint: string;
  readonly status: string;
  requests: number;
  errors: number;
}

/** Of one key, since the last flush. */
interface Counted {
  requests: number;
  lastUsedAtMs: number;
  ip: string;
  /** By hour, then by endpoint and status: a handful in all. */
  readonly hours: Map<number, Cell[]>;
}

/** Counts answered requests in memory and writes them down every few seconds: no request waits for a write. */
@Injectable()
export class KeyUsage implements OnModuleInit, OnApplicationShutdown {
  #counted = new Map<string, Counted>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

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

  /**
   * A request that the key authenticated has its answer.
   *
   * @param endpoint method and route pattern, never a concrete path: there are few
   * @param status HTTP status or name of the gRPC code
   * @param ip empty: unknown
   */
  answered(apiKeyId: string, endpoint: string, status: string, isError: boolean, ip: string): void {
    const nowMs = Date.now();
    const counted = this.#of(apiKeyId);
    counted.requests += 1;
    counted.lastUsedAtMs = nowMs;
    counted.ip = ip;
    const cell = cellOf(counted, Math.floor(nowMs / HOUR_MS), endpoint, status);
    cell.requests += 1;
    if (isError) cell.errors += 1;
  }

  /** Writes all that was counted so far; what can't be written now is counted on. Never rejects. */
  flush(): Promise<void> {
    this.#running = this.#running.then(() => this.#flush());
    return this.#running;
  }

  async #flush(): Promise<void> {
    if (this.#counted.size === 0) return;
    const taken = this.#counted;
    this.#counted = new Map();
    try {
      await this.keys.noteUses(usesOf(taken), cellsOf(taken));
    } catch (error) {
      this.logger.warn({ err: error, keys: taken.size }, 'the use of API keys could not be written down yet');
      this.#giveBack(taken);
    }
  }

  #of(apiKeyId: string): Counted {
    let counted = this.#counted.get(apiKeyId);
    if (counted === undefined) {
      counted = { requests: 0, lastUsedAtMs: 0, ip: '', hours: new Map() };
      this.#counted.set(apiKeyId, counted);
    }
    return counted;
  }

  #giveBack(taken: ReadonlyMap<string, Counted>): void {
    for (const [apiKeyId, before] of taken) {
      const since = this.#of(apiKeyId);
      since.requests += before.requests;
      if (since.lastUsedAtMs < before.lastUsedAtMs) {
        since.lastUsedAtMs = before.lastUsedAtMs;
        since.ip = before.ip;
      }
      for (const [hour, cells] of before.hours) {
        for (const { endpoint, status, requests, errors } of cells) {
          const cell = cellOf(since, hour, endpoint, status);
          cell.requests += requests;
          cell.errors += errors;
        }
      }
    }
  }
}

/** A look along a handful of cells is cheaper than a key made of strings. */
function cellOf({ hours }: Counted, hour: number, endpoint: string, status: string): Cell {
  let cells = hours.get(hour);
  if (cells === undefined) hours.set(hour, (cells = []));
  for (const cell of cells) if (cell.endpoint === endpoint && cell.status === status) return cell;
  const cell = { endpoint, status, requests: 0, errors: 0 };
  cells.push(cell);
  return cell;
}

function usesOf(counted: ReadonlyMap<string, Counted>): KeyUse[] {
  return [...counted].map(([apiKeyId, { requests, lastUsedAtMs, ip }]) => ({
    apiKeyId,
    requests,
    lastUsedAt: new Date(lastUsedAtMs),
    lastUsedIp: ip,
  }));
}

function cellsOf(counted: ReadonlyMap<string, Counted>): KeyUseCell[] {
  return [...counted].flatMap(([apiKeyId, { hours }]) =>
    [...hours].flatMap(([hour, cells]) => cells.map((cell) => ({ apiKeyId, hour: new Date(hour * HOUR_MS), ...cell }))),
  );
}
