import type { LogRecord, LogsNew } from '@telemetryflow/contracts';
import type { ArrivedRecord, LogTailReader, TailSubject } from './log-tail-reader.js';
import type { TailMember } from './tail-member.js';
import { SETTLING_SECONDS, TailPosition } from './tail-position.js';

/** Records of one batch: more than anyone reads in half a second. */
export const BATCH_ROWS = 200;
/** Records that a reconnected client gets of the time between. */
export const CATCH_UP_ROWS = 1000;
/** JSON of one batch, or of a catch-up. */
const BATCH_BYTES = 1024 ** 2;

/** One tenant and filter, however many follow it: the store is asked once for all of them. */
export class LogTail {
  readonly #members = new Set<TailMember>();
  readonly #position: TailPosition;

  private constructor(
    private readonly subject: TailSubject,
    private readonly reader: LogTailReader,
    second: number,
  ) {
    this.#position = new TailPosition(second);
  }

  /**
   * A tail that begins now.
   *
   * @throws DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE
   */
  static async open(subject: TailSubject, reader: LogTailReader): Promise<LogTail> {
    const { second } = await reader.counts(subject, 0);
    return new LogTail(subject, reader, second);
  }

  get tenantId(): string {
    return this.subject.tenantId;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** With this a client that comes back says how far it was. */
  get resume(): string {
    return String(this.#position.second);
  }

  add(member: TailMember): void {
    this.#members.add(member);
  }

  remove(member: TailMember): void {
    this.#members.delete(member);
  }

  /**
   * Sends what came in since the last time. How many records were dropped, over all clients.
   *
   * @throws DomainError QUERY_LIMIT_EXCEEDED, UNAVAILABLE; then the next time sends it
   */
  async advance(): Promise<number> {
    const { from } = this.#position;
    const fresh = this.#position.count(await this.reader.counts(this.subject, from));
    if (fresh === 0) return 0;
    const limit = Math.min(fresh, BATCH_ROWS);
    const arrived = await this.reader.newest(this.subject, from, this.#position.sentIds, limit);
    for (const { record, second } of arrived) this.#position.markSent(record.id, second);
    const batch = batchOf(arrived, fresh, this.resume);
    let dropped = 0;
    for (const member of this.#members) dropped += member.offer(batch);
    return dropped;
  }

  /**
   * What came in since `resume` was sent. The seconds around it may come twice: who resumes knows the ids.
   *
   * @throws DomainError QUERY_LIMIT_EXCEEDED, UNAVAILABLE
   */
  async since(resume: number): Promise<LogsNew> {
    const from = resume - SETTLING_SECONDS;
    const { records } = await this.reader.counts(this.subject, from);
    const arrived = await this.reader.newest(this.subject, from, [], CATCH_UP_ROWS);
    const all = Math.max(
      arrived.length,
      records.reduce((sum, count) => sum + count, 0),
    );
    return batchOf(arrived, all, this.resume);
  }
}

function batchOf(newestFirst: readonly ArrivedRecord[], count: number, resume: string): LogsNew {
  const logs = newestWithin(
    BATCH_BYTES,
    newestFirst.map(({ record }) => record),
  ).reverse();
  return { logs, count, dropped: Math.max(0, count - logs.length), resume };
}

function newestWithin(bytes: number, records: readonly LogRecord[]): LogRecord[] {
  let left = bytes;
  return records.filter((record) => {
    left -= JSON.stringify(record).length;
    return left >= 0;
  });
}
