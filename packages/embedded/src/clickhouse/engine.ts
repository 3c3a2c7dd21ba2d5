import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ClickHouseException, QUERY_WAS_CANCELLED } from './errors.js';
import { IdleConnections } from './idle-connections.js';
import { Lane } from './lanes.js';
import { loadChdb, type ChdbAddon, type Connection, type InsertOutcome, type QueryOutcome } from './native.js';
import type { Concurrency } from './protocol.js';
import { literal } from './sql.js';

/** What a statement wants to find on its connection. */
export interface Setup {
  /** SET and USE statements for a fresh connection. */
  readonly fresh: readonly string[];
  /** Where a connection may serve again: for statements of the same shape, once `again` has set every value anew. */
  readonly reuse?: { readonly shape: string; readonly again: readonly string[] };
}

const NO_SETUP: Setup = { fresh: [] };

export interface Job {
  readonly sql: string;
  readonly setup: Setup;
  /** Aborts when the client is gone: a waiting job is dropped, a running read is killed. */
  readonly signal?: AbortSignal;
  readonly queryId?: string;
  /** Something of `sql` that no other statement holds: the engine writes statements with parameters anew, without comments. */
  readonly mark?: string;
}

const LOCK_WAIT_MS = 15_000;
const MAX_IDLE_CONNECTIONS = 32;

/**
 * chDB on one data folder. No two jobs share a connection at a time, and one that serves again has every value set anew, so
 * settings, parameters and the current database never leak into another request. Statements run on libuv's threads; the event loop
 * stays free. Reads and inserts wait in separate lines, so that slow queries never hold up inserts.
 */
export class ChdbEngine {
  #addon: ChdbAddon;
  #path: string;
  #root: Connection | undefined;
  #reads: Lane;
  #writes: Lane;
  #control = new Lane(1);
  #idle = new IdleConnections(MAX_IDLE_CONNECTIONS, (connection) => this.#addon.CloseConnection(connection));
  /** Marker of each running statement, by the query id its client chose. */
  #markers = new Map<string, string>();

  constructor(path: string, concurrency: Concurrency) {
    this.#addon = loadChdb();
    this.#path = path;
    this.#reads = new Lane(concurrency.reads);
    this.#writes = new Lane(concurrency.writes);
  }

  /** Opens the folder; waits up to 15 s for a dying predecessor to let go of it. */
  async open(configFile: string): Promise<void> {
    const deadline = performance.now() + LOCK_WAIT_MS;
    for (;;) {
      try {
        this.#root = this.#addon.CreateConnection(this.#path, [`--config-file=${configFile}`]);
        return;
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await delay(100);
      }
    }
  }

  /** Runs a statement that is not an insert. A client that is gone ends it. */
  read(job: Job, format: string): Promise<QueryOutcome> {
    return this.#reads.run(
      () =>
        this.#withConnection(job.setup, (connection) =>
          this.#killable(job, (sql) => this.#addon.QueryAsyncConnection(connection, sql, format)),
        ),
      job.signal,
    );
  }

  /** Runs an insert. Once it has begun it runs to its end, whether or not its client is still there. */
  write(job: Job): Promise<InsertOutcome> {
    return this.#writes.run(
      () =>
        this.#withConnection(job.setup, (connection) =>
          this.#addon.InsertRawAsyncConnection(connection, job.sql, Buffer.alloc(0), false),
        ),
      job.signal,
    );
  }

  /** Kills the running read that carries this query id. Resolves with whether there was one. */
  async kill(queryId: string): Promise<boolean> {
    const marker = this.#markers.get(queryId);
    if (marker === undefined) return false;
    await this.#killMarked(marker);
    return true;
  }

  /** Ends reads and waits for what runs, for `graceMs` at most. Resolves with whether all had ended. */
  async settled(graceMs: number): Promise<boolean> {
    for (const marker of this.#markers.values()) void this.#killMarked(marker);
    return Promise.race([
      Promise.all([this.#reads.drained(), this.#writes.drained(), this.#control.drained()]).then(() => true),
      delay(graceMs, false),
    ]);
  }

  /** Waits for what runs, for `graceMs` at most, and lets go of the folder. Resolves with whether all had ended. */
  async close(graceMs: number): Promise<boolean> {
    const ended = await this.settled(graceMs);
    // Closing a connection under a running statement would abort the process in the middle of it.
    if (ended && this.#root !== undefined) {
      this.#idle.closeAll();
      this.#addon.CloseConnection(this.#root);
    }
    return ended;
  }

  async #killable<T>(job: Job, run: (sql: string) => Promise<T>): Promise<T> {
    const comment = `/*tf:${randomUUID()}*/`;
    const marker = job.mark ?? comment;
    const onAbort = () => void this.#killMarked(marker);
    job.signal?.throwIfAborted();
    job.signal?.addEventListener('abort', onAbort, { once: true });
    if (job.queryId !== undefined) this.#markers.set(job.queryId, marker);
    try {
      return await run(`${job.sql}\n${comment}`);
    } finally {
      job.signal?.removeEventListener('abort', onAbort);
      if (job.queryId !== undefined && this.#markers.get(job.queryId) === marker) this.#markers.delete(job.queryId);
    }
  }

  async #killMarked(marker: string): Promise<void> {
    await this.#control.run(() =>
      this.#withConnection(NO_SETUP, (connection) =>
        this.#addon.QueryAsyncConnection(
          connection,
          `KILL QUERY WHERE position(query, ${literal(marker)}) > 0 AND NOT startsWith(query, 'KILL') ASYNC`,
          'Null',
        ),
      ),
    );
  }

  async #withConnection<T>(setup: Setup, run: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#root === undefined)
      throw new ClickHouseException(QUERY_WAS_CANCELLED, 'The engine is not open. (QUERY_WAS_CANCELLED)');
    let connection = setup.reuse && this.#idle.take(setup.reuse.shape);
    const statements = (connection && setup.reuse?.again) ?? setup.fresh;
    let kept = false;
    try {
      const own = (connection ??= this.#addon.CreateConnection(this.#path));
      for (const statement of statements) this.#addon.QueryWithConnection(own, statement, 'Null');
      const result = await run(own);
      if (setup.reuse !== undefined) {
        kept = true;
        this.#idle.keep(setup.reuse.shape, own);
      }
      return result;
    } catch (error) {
      throw ClickHouseException.from(error);
    } finally {
      // One that a statement failed on is not trusted with another.
      if (connection !== undefined && !kept) this.#addon.CloseConnection(connection);
    }
  }
}
