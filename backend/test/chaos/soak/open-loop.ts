/** Load at a fixed rate, whatever the answers take: a server that slows down is not asked less. */
import { Sender, type Protocol, type Target } from '../support/clients.ts';
import { signalOf, type Payloads } from '../support/payloads.ts';

const TICK_MS = 2;
/** Half of what real clients send is HTTP/protobuf. */
const MIX: readonly Protocol[] = ['http/protobuf', 'grpc', 'http/protobuf', 'http/json'];

export interface OpenLoopOptions {
  readonly target: () => Target;
  readonly payloads: Payloads;
  readonly requestsPerSecond: number;
  readonly connections: number;
  /** Number of the first request. */
  readonly firstRequest: number;
}

/** What happened since the last look. */
export interface Interval {
  readonly acknowledged: number;
  readonly failed: number;
  readonly acknowledgeMs: readonly number[];
}

export class OpenLoop {
  /** Answers other than OK, since the start. */
  readonly failures = new Map<string, number>();
  /** Acknowledged requests by signal, since the start. */
  readonly acknowledged = { traces: 0, logs: 0, metrics: 0 };
  readonly #options: OpenLoopOptions;
  readonly #idle: { readonly protocol: Protocol; readonly sender: Sender }[];
  readonly #senders: Sender[] = [];
  /** When requests that found no free connection were due, oldest first. */
  readonly #late: number[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = performance.now();
  #due = 0;
  #next: number;
  #underWay = 0;
  #interval = { acknowledged: 0, failed: 0, acknowledgeMs: [] as number[] };

  constructor(options: OpenLoopOptions) {
    this.#options = options;
    this.#next = options.firstRequest;
    this.#idle = Array.from({ length: options.connections }, (_, index) => {
      const protocol = MIX[index % MIX.length] as Protocol;
      const sender = new Sender(protocol, options.target);
      this.#senders.push(sender);
      return { protocol, sender };
    });
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** What happened since the last call. */
  take(): Interval {
    const interval = this.#interval;
    this.#interval = { acknowledged: 0, failed: 0, acknowledgeMs: [] };
    return interval;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#late.length = 0;
    while (this.#underWay > 0) await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    for (const sender of this.#senders) sender.close();
  }

  #tick(): void {
    const now = performance.now();
    const due = Math.floor(((now - this.#startedAt) / 1000) * this.#options.requestsPerSecond);
    for (; this.#due < due; this.#due += 1) this.#late.push(now);
    while (this.#late.length > 0 && this.#idle.length > 0) void this.#send(this.#late.shift() as number);
  }

  async #send(dueAt: number): Promise<void> {
    const connection = this.#idle.shift();
    if (connection === undefined) return;
    this.#underWay += 1;
    const request = this.#next++;
    const encoding = connection.protocol === 'http/json' ? 'json' : 'protobuf';
    const body = this.#options.payloads.body(request, encoding, BigInt(Date.now()) * 1_000_000n);
    const { acknowledged, status } = await connection.sender.send(
      signalOf(request),
      encoding === 'json' ? Buffer.from(body) : body,
    );
    this.#underWay -= 1;
    this.#idle.push(connection);
    if (acknowledged) {
      this.#interval.acknowledged += 1;
      this.#interval.acknowledgeMs.push(performance.now() - dueAt);
      this.acknowledged[signalOf(request)] += 1;
    } else {
      this.#interval.failed += 1;
      this.failures.set(status, (this.failures.get(status) ?? 0) + 1);
    }
  }
}
