import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { parseTfql, type LogsNew, type TfqlExpression } from '@telemetryflow/contracts';
import type { Counter } from 'prom-client';
import type { Logger } from 'pino';
import { LOGGER, MetricsRegistry } from '../../../shared/platform/index.js';
import { withFilterErrors } from '../query/store.js';
import { FairSlots } from './fair-slots.js';
import { IngestNews } from './ingest-news.js';
import { LogTail } from './log-tail.js';
import { LogTailReader } from './log-tail-reader.js';
import { TailMember } from './tail-member.js';

/** A tail is read so often at most. */
const PACE_MS = 500;
/** After a failure. */
const RETRY_MS = 5_000;
/** Tails that ask the store at the same time, and those of one tenant among them. */
const PARALLEL = 4;
const PARALLEL_OF_TENANT = 2;
/** As far back as a tail can be resumed. */
const RESUME_SECONDS = 15 * 60;

interface Turn {
  readonly key: string;
  readonly tail: LogTail;
  /** When it may be read next, by the monotonic clock. */
  notBefore: number;
  isDue: boolean;
  isRunning: boolean;
  timer?: NodeJS.Timeout | undefined;
}

export interface TailClient {
  readonly tenantId: string;
  send(batch: LogsNew): void;
  isClogged(): boolean;
}

export interface OpenedTail {
  readonly resume: string;
  /** Sends what was missed, and from now on what comes. */
  begin(): void;
  /** The client has shown a batch. */
  shown(): void;
  close(): void;
}

/** The live tails of this node. News of ingest makes a tenant's tails due; each is read at its pace, a few at a time. */
@Injectable()
export class LogTails implements OnModuleInit, OnModuleDestroy {
  readonly #turns = new Map<string, Turn>();
  readonly #opening = new Map<string, Promise<Turn>>();
  readonly #waiting: Turn[] = [];
  readonly #slots = new FairSlots(PARALLEL, PARALLEL_OF_TENANT);
  readonly #dropped: Counter;
  #closed = false;

  constructor(
    private readonly reader: LogTailReader,
    private readonly news: IngestNews,
    @Inject(LOGGER) private readonly logger: Logger,
    metrics: MetricsRegistry,
  ) {
    this.#dropped = metrics.counter('realtime_logs_dropped_total', 'Log records that live tails left out');
    metrics.observe({
      name: 'realtime_log_tails',
      help: 'Distinct tenants and filters that are followed',
      type: 'gauge',
      observe: () => [{ value: this.#turns.size }],
    });
  }

  onModuleInit(): void {
    this.news.listen((arrivals) => {
      const tenants = new Set(arrivals.filter(({ signal }) => signal === 'logs').map(({ tenantId }) => tenantId));
      for (const turn of this.#turns.values()) if (tenants.has(turn.tail.tenantId)) this.#wake(turn);
    });
  }

  onModuleDestroy(): void {
    this.#closed = true;
    for (const { timer } of this.#turns.values()) clearTimeout(timer);
    this.#turns.clear();
  }

  /**
   * Follows what comes in and matches, once the answer's `begin` is called; first comes what came in since `resume`.
   *
   * @throws DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE
   */
  async open(client: TailClient, filter: string, resume?: string): Promise<OpenedTail> {
    const expression = withFilterErrors(() => parseTfql(filter));
    const member = new TailMember(
      (batch) => client.send(batch),
      () => client.isClogged(),
    );
    const turn = await this.#join(member, client.tenantId, filter.trim(), expression);
    const close = () => this.#leave(turn, member);
    try {
      const missed = await this.#missedBy(turn.tail, resume);
      return { resume: turn.tail.resume, begin: () => member.begin(missed), shown: () => member.shown(), close };
    } catch (error) {
      close();
      throw error;
    }
  }

  async #join(member: TailMember, tenantId: string, filter: string, expression: TfqlExpression): Promise<Turn> {
    const turn = await this.#turnOf(tenantId, filter, expression);
    // Its last client may have left just now.
    if (this.#turns.get(turn.key) !== turn) return this.#join(member, tenantId, filter, expression);
    turn.tail.add(member);
    return turn;
  }

  async #turnOf(tenantId: string, filter: string, expression: TfqlExpression): Promise<Turn> {
    const key = `${tenantId} ${filter}`;
    const known = this.#turns.get(key) ?? this.#opening.get(key);
    if (known !== undefined) return known;
    const opening = LogTail.open({ tenantId, filter: expression }, this.reader).then((tail) => {
      const turn: Turn = { key, tail, notBefore: 0, isDue: false, isRunning: false };
      this.#turns.set(key, turn);
      return turn;
    });
    this.#opening.set(key, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(key);
    }
  }

  async #missedBy(tail: LogTail, resume: string | undefined): Promise<LogsNew | undefined> {
    if (resume === undefined || !/^\d{1,10}$/.test(resume)) return undefined;
    const earliest = Number(tail.resume) - RESUME_SECONDS;
    return tail.since(Math.max(Number(resume), earliest));
  }

  #leave(turn: Turn, member: TailMember): void {
    turn.tail.remove(member);
    if (!turn.tail.isEmpty || this.#turns.get(turn.key) !== turn) return;
    clearTimeout(turn.timer);
    this.#turns.delete(turn.key);
  }

  #wake(turn: Turn): void {
    turn.isDue = true;
    if (turn.isRunning || turn.timer !== undefined) return;
    const waitMs = turn.notBefore - performance.now();
    turn.timer = setTimeout(
      () => {
        turn.timer = undefined;
        this.#waiting.push(turn);
        this.#next();
      },
      Math.max(0, waitMs),
    ).unref();
  }

  #next(): void {
    while (!this.#slots.isFull && !this.#closed) {
      const place = this.#waiting.findIndex(({ tail }) => this.#slots.isFreeFor(tail.tenantId));
      if (place === -1) return;
      const [turn] = this.#waiting.splice(place, 1);
      if (turn === undefined || turn.isRunning || turn.tail.isEmpty) continue;
      turn.isRunning = true;
      turn.isDue = false;
      void this.#slots
        .hold(turn.tail.tenantId, () => this.#read(turn))
        .finally(() => {
          turn.isRunning = false;
          if (turn.isDue && this.#turns.get(turn.key) === turn) this.#wake(turn);
          this.#next();
        });
    }
  }

  async #read(turn: Turn): Promise<void> {
    try {
      this.#dropped.inc(await turn.tail.advance());
      turn.notBefore = performance.now() + PACE_MS;
    } catch (err) {
      this.logger.warn({ err, tenantId: turn.tail.tenantId }, 'a live tail could not be read; it is tried again');
      turn.notBefore = performance.now() + RETRY_MS;
      turn.isDue = true;
    }
  }
}
