import type { Signal } from '@telemetryflow/otlp';
import type { IngestLogger } from '../ingest-logger.js';

/** What a tenant sent on a day. */
export interface UsageDelta {
  readonly tenantId: string;
  /** UTC, `2026-01-31`. */
  readonly day: string;
  readonly bytes: number;
  readonly items: Readonly<Record<Signal, number>>;
}

/** A tenant's bytes as all nodes have written them down. */
export interface TenantTotals {
  readonly tenantId: string;
  readonly dayBytes: number;
  readonly monthBytes: number;
}

/** Where usage is written down: it survives restarts and adds up what several nodes take. */
export interface UsageStore {
  add(deltas: readonly UsageDelta[]): Promise<void>;
  /** Totals of `day` and of its month up to it, of every tenant that sent something in that month. */
  totals(day: string): Promise<readonly TenantTotals[]>;
}

export interface TenantUsageOptions {
  readonly store: UsageStore;
  readonly logger: IngestLogger;
  /** Whether anybody asks for totals; otherwise they are not read back. */
  readonly isLimited: boolean;
  /** Wall-clock milliseconds: days and months are the calendar's. */
  readonly now?: () => number;
}

interface Pending {
  bytes: number;
  readonly items: Record<Signal, number>;
}

interface Totals {
  dayBytes: number;
  monthBytes: number;
}

const FLUSH_EVERY_MS = 10_000;

/**
 * Counts what tenants send, in memory: no request waits for a write. Written down every ten seconds and at the end; what
 * other nodes wrote is read back at the same time, so that a quota holds for all of them together.
 */
export class TenantUsage {
  readonly #options: TenantUsageOptions;
  readonly #now: () => number;
  #pending = new Map<string, Map<string, Pending>>();
  #totals = new Map<string, Totals>();
  #day = '';
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(options: TenantUsageOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Reads what was written before, and writes from now on. */
  async start(): Promise<void> {
    await this.sync();
    this.#timer = setInterval(() => void this.sync(), FLUSH_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
    await this.sync();
  }

  add(tenantId: string, signal: Signal, items: number, bytes: number): void {
    const day = this.#today();
    let byTenant = this.#pending.get(day);
    if (byTenant === undefined) this.#pending.set(day, (byTenant = new Map()));
    let pending = byTenant.get(tenantId);
    if (pending === undefined) {
      pending = { bytes: 0, items: { traces: 0, metrics: 0, logs: 0 } };
      byTenant.set(tenantId, pending);
    }
    pending.bytes += bytes;
    pending.items[signal] += items;
    if (!this.#options.isLimited) return;
    const totals = this.#totals.get(tenantId);
    if (totals === undefined) this.#totals.set(tenantId, { dayBytes: bytes, monthBytes: bytes });
    else {
      totals.dayBytes += bytes;
      totals.monthBytes += bytes;
    }
  }

  bytesToday(tenantId: string): number {
    this.#today();
    return this.#totals.get(tenantId)?.dayBytes ?? 0;
  }

  bytesThisMonth(tenantId: string): number {
    this.#today();
    return this.#totals.get(tenantId)?.monthBytes ?? 0;
  }

  /** Milliseconds until the next UTC day. */
  msToNextDay(): number {
    return Date.parse(`${this.#today()}T00:00:00Z`) + DAY_MS - this.#now();
  }

  /** Milliseconds until the next UTC month. */
  msToNextMonth(): number {
    const [year = 0, month = 0] = this.#today().split('-').map(Number);
    return Date.UTC(year, month, 1) - this.#now();
  }

  /** Writes what was counted and reads the totals; what can't be written now is counted on. Never rejects. */
  sync(): Promise<void> {
    this.#running ??= this.#sync().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #sync(): Promise<void> {
    const day = this.#today();
    const taken = this.#pending;
    this.#pending = new Map();
    try {
      const deltas = deltasOf(taken);
      if (deltas.length > 0) await this.#options.store.add(deltas);
    } catch (error) {
      this.#giveBack(taken);
      this.#options.logger.warn({ err: error }, 'What tenants sent could not be written down yet');
      return;
    }
    if (!this.#options.isLimited) return;
    try {
      const totals = await this.#options.store.totals(day);
      if (day === this.#today()) this.#adopt(totals);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'What tenants sent could not be read');
    }
  }

  /** The written totals, and what came since they were asked for. */
  #adopt(totals: readonly TenantTotals[]): void {
    this.#totals = new Map(totals.map(({ tenantId, ...rest }) => [tenantId, { ...rest }]));
    for (const [day, byTenant] of this.#pending) {
      if (day.slice(0, 7) !== this.#day.slice(0, 7)) continue;
      for (const [tenantId, { bytes }] of byTenant) {
        const total = this.#totals.get(tenantId) ?? { dayBytes: 0, monthBytes: 0 };
        this.#totals.set(tenantId, total);
        total.monthBytes += bytes;
        if (day === this.#day) total.dayBytes += bytes;
      }
    }
  }

  #giveBack(taken: ReadonlyMap<string, ReadonlyMap<string, Pending>>): void {
    for (const [day, byTenant] of taken) {
      const now = this.#pending.get(day) ?? new Map<string, Pending>();
      this.#pending.set(day, now);
      for (const [tenantId, before] of byTenant) {
        const since = now.get(tenantId);
        if (since === undefined) now.set(tenantId, before);
        else {
          since.bytes += before.bytes;
          for (const signal of SIGNALS) since.items[signal] += before.items[signal];
        }
      }
    }
  }

  /** Never goes back: a clock that is corrected over midnight opens no spent day anew, nor counts one twice. */
  #today(): string {
    const today = new Date(this.#now()).toISOString().slice(0, 10);
    if (today <= this.#day) return this.#day;
    const isNewMonth = today.slice(0, 7) !== this.#day.slice(0, 7);
    for (const totals of this.#totals.values()) {
      totals.dayBytes = 0;
      if (isNewMonth) totals.monthBytes = 0;
    }
    this.#day = today;
    return today;
  }
}

const DAY_MS = 86_400_000;
const SIGNALS = ['traces', 'metrics', 'logs'] as const satisfies readonly Signal[];

function deltasOf(taken: ReadonlyMap<string, ReadonlyMap<string, Pending>>): UsageDelta[] {
  return [...taken].flatMap(([day, byTenant]) =>
    [...byTenant].map(([tenantId, { bytes, items }]) => ({ tenantId, day, bytes, items })),
  );
}
