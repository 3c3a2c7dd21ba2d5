import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { listen } from '../listen.js';

export interface HttpLimits {
  readonly maxConnections: number;
  /** Request line and headers together; more is answered with 431. */
  readonly maxHeaderBytes: number;
  /** From the first byte of a request to the end of its headers. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to its last; one whose answer waits for a body has given up before. */
  readonly requestTimeoutMs: number;
  /** Between two requests of a connection. */
  readonly keepAliveMs: number;
  /** How often the timeouts are looked at. */
  readonly checkEveryMs: number;
}

export const HTTP_LIMITS: HttpLimits = {
  maxConnections: 8192,
  maxHeaderBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 120_000,
  // Longer than the 60 s after which common proxies drop a connection: they close it, not we under them.
  keepAliveMs: 65_000,
  checkEveryMs: 2_000,
};

/** The port of OTLP/HTTP: what Node's server has to be told to have defined ends for everything. */
export class IngestHttpServer {
  readonly #server: Server;

  /** `answer` takes every request, also one that waits for `100 Continue`: that is for whoever wants its body to say. */
  constructor(answer: (req: IncomingMessage, res: ServerResponse) => void, changes: Partial<HttpLimits> = {}) {
    const limits = { ...HTTP_LIMITS, ...changes };
    this.#server = createServer(
      {
        maxHeaderSize: limits.maxHeaderBytes,
        headersTimeout: limits.headersTimeoutMs,
        requestTimeout: limits.requestTimeoutMs,
        keepAliveTimeout: limits.keepAliveMs,
        connectionsCheckingInterval: limits.checkEveryMs,
        noDelay: true,
      },
      answer,
    );
    this.#server.on('checkContinue', answer);
    // Who sends nothing more may still wait for the answer. Node has the property, its types do not.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.maxConnections = limits.maxConnections;
    // A client that neither sends nor takes its answer.
    this.#server.setTimeout(limits.requestTimeoutMs);
  }

  /**
   * Listens; resolves with the port.
   *
   * @throws Error with `code` as `listen` gives it
   */
  listen(host: string, port: number): Promise<number> {
    return listen(this.#server, host, port);
  }

  /** Takes no new connections and lets go of the idle ones; `answered` resolves when no request is under way. */
  async close(answered: () => Promise<unknown>): Promise<void> {
    const closed = this.#server.listening ? new Promise((resolve) => this.#server.close(resolve)) : undefined;
    await answered();
    this.#server.closeAllConnections();
    await closed;
  }
}
