import type { ServerHttp2Session } from 'node:http2';
import type { Deadline, Deadlines } from '../deadlines.js';

/** Looks at which bytes came and none of them became a frame that says something. */
const FRUITLESS_LOOKS = 3;

/**
 * What a connection is used for. Cuts one whose bytes never become anything: Node says nothing of a frame until it is
 * complete, and one that comes byte by byte takes for ever.
 */
export class SessionWatch {
  /** Calls under way. */
  #open = 0;
  #hadCalls = false;
  #saidSomething = false;
  #fruitless = 0;
  #seenBytes = 0;
  #next: Deadline;

  constructor(
    private readonly session: ServerHttp2Session,
    private readonly deadlines: Deadlines,
    private readonly everyMs: number,
  ) {
    session.on('stream', (stream) => {
      this.#open += 1;
      this.#hadCalls = true;
      stream.once('close', () => {
        this.#open -= 1;
        this.#saidSomething = true;
      });
    });
    const said = () => (this.#saidSomething = true);
    session.on('ping', said).on('localSettings', said).on('remoteSettings', said).on('goaway', said);
    this.#next = deadlines.after(everyMs, () => this.#look());
  }

  get isIdle(): boolean {
    return this.#open === 0;
  }

  get hadCalls(): boolean {
    return this.#hadCalls;
  }

  stop(): void {
    this.#next.clear();
  }

  #look(): void {
    if (this.session.destroyed) return;
    const { bytesRead } = this.session.socket;
    if (this.#saidSomething || !this.isIdle) this.#fruitless = 0;
    else if (bytesRead > this.#seenBytes) this.#fruitless += 1;
    this.#saidSomething = false;
    this.#seenBytes = bytesRead;
    if (this.#fruitless >= FRUITLESS_LOOKS) return this.session.destroy();
    this.#next = this.deadlines.after(this.everyMs, () => this.#look());
  }
}
