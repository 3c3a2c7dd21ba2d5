import type { PlatformEvent } from './events.js';

/** Brings events to every node of the platform, this one included. */
export interface EventTransport {
  /** Resolves once the event is safe with the transport; rejects when it is away. */
  publish(event: PlatformEvent): Promise<void>;
  start(deliver: (event: PlatformEvent) => void): Promise<void>;
  stop(): Promise<void>;
  ping(): Promise<void>;
}

/** One node: there is nobody else to tell. */
export class LocalTransport implements EventTransport {
  #deliver: (event: PlatformEvent) => void = () => undefined;

  async publish(event: PlatformEvent): Promise<void> {
    this.#deliver(event);
  }
  async start(deliver: (event: PlatformEvent) => void): Promise<void> {
    this.#deliver = deliver;
  }
  async stop(): Promise<void> {
    this.#deliver = () => undefined;
  }
  async ping(): Promise<void> {
    return Promise.resolve();
  }
}
