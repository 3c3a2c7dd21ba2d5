import type { Connection } from './native.js';

interface Idle {
  readonly shape: string;
  readonly connection: Connection;
}

/**
 * Connections that wait for another statement of the shape of their last one. To open one and to bring it into its state is
 * a third of the time of a small statement; an open one takes 150 KB.
 */
export class IdleConnections {
  /** The one that has been idle longest first. */
  #idle: Idle[] = [];
  readonly #most: number;
  readonly #close: (connection: Connection) => void;

  constructor(most: number, close: (connection: Connection) => void) {
    this.#most = most;
    this.#close = close;
  }

  take(shape: string): Connection | undefined {
    const at = this.#idle.findLastIndex((idle) => idle.shape === shape);
    return at < 0 ? undefined : this.#idle.splice(at, 1)[0]?.connection;
  }

  /** Keeps it; over the bound the one that has been idle longest is closed. */
  keep(shape: string, connection: Connection): void {
    this.#idle.push({ shape, connection });
    while (this.#idle.length > this.#most) this.#closeFirst();
  }

  closeAll(): void {
    while (this.#idle.length > 0) this.#closeFirst();
  }

  #closeFirst(): void {
    const first = this.#idle.shift();
    if (first !== undefined) this.#close(first.connection);
  }
}
