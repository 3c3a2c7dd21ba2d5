import type { Signal } from '@telemetryflow/otlp';
import type { RefusalReason } from './ingest-error.js';

export type Protocol = 'grpc' | 'http/protobuf' | 'http/json';

/** Unix milliseconds at which each signal was last acknowledged; absent: never since the start. */
export type LastReceived = Readonly<Partial<Record<Signal, number>>>;

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

/** Counts what ingest did since the start, and when it last heard of each tenant. Every label has few values. */
export class IngestStats {
  readonly #requests = new LabelledCounter();
  readonly #refusedItems = new LabelledCounter();
  readonly #acceptedItems = new LabelledCounter();
  readonly #lastReceived = new Map<string, Partial<Record<Signal, number>>>();
  #bodyBytes = 0;

  /** `code` is the HTTP status or the gRPC code's number. */
  countRequest(signal: Signal | 'none', protocol: Protocol, code: number, reason: RefusalReason | 'none'): void {
    this.#requests.add({ signal, protocol, code: String(code), reason }, 1);
  }

  countAccepted(tenantId: string, signal: Signal, items: number, bodyBytes: number, atMs: number): void {
    this.#bodyBytes += bodyBytes;
    this.#acceptedItems.add({ signal }, items);
    const received = this.#lastReceived.get(tenantId) ?? {};
    received[signal] = atMs;
    this.#lastReceived.set(tenantId, received);
  }

  countRefusedItems(signal: Signal, rejections: ReadonlyMap<string, number>): void {
    for (const [reason, items] of rejections) this.#refusedItems.add({ signal, reason }, items);
  }

  /** When the tenant was last heard of, by signal. */
  lastReceived(tenantId: string): LastReceived {
    return this.#lastReceived.get(tenantId) ?? {};
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
