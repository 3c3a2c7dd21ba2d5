import type { Signal } from '@telemetryflow/otlp';
import type { RefusalReason } from './ingest-error.js';

export type Protocol = 'grpc' | 'http/protobuf' | 'http/json';

class LabelledCounter {
  readonly #counts = new Map<string, { labels: Record<string, string>; value: number }>();

  add(labels: Record<string, string>, by: number): void {
    const key = Object.values(labels).join('\0');
    const entry = this.#counts.get(key);
    if (entry === undefined) this.#counts.set(key, { labels, value: by });
    else entry.value += by;
  }

  values(): { readonly labels: Readonly<Record<string, string>>; readonly value: number }[] {
    return [...this.#counts.values()].map(({ labels, value }) => ({ labels, value }));
  }
}

/** Hears of every request how long it took, from its headers to its answer. */
export type DurationObserver = (signal: Signal, protocol: Protocol, durationMs: number) => void;

/** Who was let in with a request. */
export interface Sender {
  /** `null`: nobody in particular. */
  readonly apiKeyId: string | null;
  /** The client's IP address; empty when it is not known. */
  readonly address: string;
}

/** Hears of every answer to a request with a key that was let in, refusals included. */
export type KeyObserver = (
  apiKeyId: string,
  signal: Signal,
  protocol: Protocol,
  code: number,
  isError: boolean,
  address: string,
) => void;

export interface IngestObservers {
  readonly onAnswered?: DurationObserver;
  readonly onKeyAnswered?: KeyObserver;
}

/** Counts what ingest did since the start. Every label has few values. */
export class IngestStats {
  readonly #requests = new LabelledCounter();
  readonly #refusedItems = new LabelledCounter();
  readonly #acceptedItems = new LabelledCounter();
  #bodyBytes = 0;

  constructor(private readonly observers: IngestObservers = {}) {}

  /**
   * `code` is the HTTP status or the gRPC code's number. `startedAtMs`, of `performance.now()`: when its headers were
   * there. `sender`: absent when nobody was let in.
   */
  countRequest(
    signal: Signal | 'none',
    protocol: Protocol,
    code: number,
    reason: RefusalReason | 'none',
    startedAtMs?: number,
    sender?: Sender,
  ): void {
    this.#requests.add({ signal, protocol, code: String(code), reason }, 1);
    if (signal === 'none') return;
    const { onAnswered, onKeyAnswered } = this.observers;
    if (startedAtMs !== undefined) onAnswered?.(signal, protocol, performance.now() - startedAtMs);
    if (sender === undefined || sender.apiKeyId === null) return;
    onKeyAnswered?.(sender.apiKeyId, signal, protocol, code, reason !== 'none', sender.address);
  }

  countAccepted(signal: Signal, items: number, bodyBytes: number): void {
    this.#bodyBytes += bodyBytes;
    this.#acceptedItems.add({ signal }, items);
  }

  countRefusedItems(signal: Signal, rejections: ReadonlyMap<string, number>): void {
    for (const [reason, items] of rejections) this.#refusedItems.add({ signal, reason }, items);
  }

  snapshot() {
    return {
      requests: this.#requests.values(),
      acceptedItems: this.#acceptedItems.values(),
      refusedItems: this.#refusedItems.values(),
      bodyBytes: this.#bodyBytes,
    };
  }
}
