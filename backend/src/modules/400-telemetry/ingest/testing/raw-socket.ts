import { connect, type Socket } from 'node:net';
import { vi } from 'vitest';

/** A TCP connection that a test writes to byte by byte. */
export class RawSocket {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #closed = false;

  private constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.#socket.on('data', (chunk) => (this.#received = Buffer.concat([this.#received, chunk])));
    this.#socket.on('error', () => {});
    this.#socket.on('end', () => (this.#closed = true));
    this.#socket.on('close', () => (this.#closed = true));
  }

  static async to(port: number): Promise<RawSocket> {
    const raw = new RawSocket(port);
    await new Promise((resolve, reject) => raw.#socket.once('connect', resolve).once('error', reject));
    return raw;
  }

  get text(): string {
    return this.#received.toString('latin1');
  }

  get bytes(): Buffer {
    return this.#received;
  }

  /** The other side has said that it sends nothing more. */
  get closed(): boolean {
    return this.#closed;
  }

  write(data: string | Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(data);
  }

  /** Sends nothing more but still reads. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async untilText(pattern: RegExp, timeout = 5_000): Promise<string> {
    return vi.waitFor(
      () => {
        if (!pattern.test(this.text))
          throw new Error(`not received yet: ${pattern}; so far ${this.text.slice(0, 300)}`);
        return this.text;
      },
      { timeout, interval: 5 },
    );
  }

  async untilClosed(timeout = 5_000): Promise<string> {
    return vi.waitFor(
      () => {
        if (!this.#closed) throw new Error(`still open; received ${this.text.slice(0, 300)}`);
        return this.text;
      },
      { timeout, interval: 5 },
    );
  }
}
