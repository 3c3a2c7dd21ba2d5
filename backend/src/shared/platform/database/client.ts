import pg from 'pg';

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * A PostgreSQL client that never ends the process: a connection that breaks while nobody waits for an answer is an
 * 'error' event, which Node turns into an uncaught exception when nobody listens, and libraries that borrow a client drop
 * their listener with all others when they give it back. Whoever queries next learns of the break by that query.
 */
export class PatientClient extends pg.Client {
  constructor(config: pg.ClientConfig = {}) {
    super({ connectionTimeoutMillis: CONNECT_TIMEOUT_MS, ...config });
    this.#listen();
  }

  override removeAllListeners(event?: string | symbol): this {
    super.removeAllListeners(event);
    if (event === undefined || event === 'error') this.#listen();
    return this;
  }

  #listen(): void {
    this.on('error', () => undefined);
  }
}
