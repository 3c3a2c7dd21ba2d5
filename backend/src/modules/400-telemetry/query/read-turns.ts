import { DomainError } from '../../../shared/platform/index.js';
import type { ReadLimits } from './read-limits.js';

interface Waiter {
  begin(): void;
}
interface Lane {
  running: number;
  readonly waiting: Set<Waiter>;
}

/**
 * Who may ask the store now. Tenants take turns, each with so many statements at once, so that one who asks much waits
 * behind their own questions and not others behind theirs.
 */
export class ReadTurns {
  /** Whose turn is next comes first. */
  readonly #lanes = new Map<string, Lane>();
  #running = 0;

  constructor(private readonly limits: Pick<ReadLimits, 'concurrency' | 'tenantConcurrency' | 'tenantWaiting'>) {}

  /**
   * Runs `work` when it is the tenant's turn; whoever leaves while waiting leaves the queue.
   *
   * @throws DomainError RATE_LIMIT_EXCEEDED when too many of the tenant's wait; the signal's reason
   */
  async run<T>(tenantId: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const lane = this.#laneOf(tenantId);
    if (this.#mayBegin(lane)) this.#begin(lane);
    else await this.#turn(lane, signal);
    try {
      return await work();
    } finally {
      this.#end(tenantId, lane);
    }
  }

  #laneOf(tenantId: string): Lane {
    const known = this.#lanes.get(tenantId);
    if (known !== undefined) return known;
    const lane: Lane = { running: 0, waiting: new Set() };
    this.#lanes.set(tenantId, lane);
    return lane;
  }

  #mayBegin(lane: Lane): boolean {
    return this.#running < this.limits.concurrency && lane.running < this.limits.tenantConcurrency;
  }

  #begin(lane: Lane): void {
    lane.running += 1;
    this.#running += 1;
  }

  async #turn(lane: Lane, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (lane.waiting.size >= this.limits.tenantWaiting) {
      const message = `${this.limits.tenantWaiting} questions are waiting for their turn; ask fewer at once`;
      throw new DomainError('RATE_LIMIT_EXCEEDED', message, [], 1);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { begin: resolve };
    const leave = () => {
      lane.waiting.delete(waiter);
      reject(signal?.reason);
    };
    lane.waiting.add(waiter);
    signal?.addEventListener('abort', leave, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener('abort', leave);
    }
  }

  #end(tenantId: string, lane: Lane): void {
    lane.running -= 1;
    this.#running -= 1;
    for (const [owner, next] of this.#lanes) {
      if (!this.#mayBegin(next)) continue;
      const [waiter] = next.waiting;
      if (waiter === undefined) continue;
      next.waiting.delete(waiter);
      // Counted before it runs: until then nobody else may take its place.
      this.#begin(next);
      this.#lanes.delete(owner);
      this.#lanes.set(owner, next);
      waiter.begin();
      break;
    }
    if (lane.running === 0 && lane.waiting.size === 0) this.#lanes.delete(tenantId);
  }
}
