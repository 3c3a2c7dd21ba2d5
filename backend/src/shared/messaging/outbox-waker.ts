import type { Logger } from 'pino';
import { PatientClient } from '../platform/database/index.js';

/** Turn that is taken even when nobody woke us: retries become due, and a notification may have been missed. */
const LONGEST_WAIT_MS = 2_000;

/** Says when the outbox is worth looking at: on a commit that wrote to it (NOTIFY), and every two seconds. */
export class OutboxWaker {
  #client: PatientClient | undefined;
  #wake: () => void = () => undefined;
  #woken = false;
  #stopped = false;

  constructor(
    private readonly url: string,
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    await this.#listen();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#client?.end();
  }

  /** Resolves when there may be something to relay. */
  async next(): Promise<void> {
    if (!this.#woken && !this.#stopped) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LONGEST_WAIT_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#woken = false;
    if (this.#client === undefined && !this.#stopped) await this.#listen();
  }

  async #listen(): Promise<void> {
    const client = new PatientClient({
      connectionString: this.url,
      application_name: 'telemetryflow-outbox',
      keepAlive: true,
    });
    client.on('notification', () => {
      this.#woken = true;
      this.#wake();
    });
    client.on('error', (err) => this.#lost(client, err));
    client.on('end', () => this.#lost(client));
    try {
      await client.connect();
      await client.query('LISTEN outbox');
      // Stopped meanwhile: nobody else would close it.
      if (this.#stopped) await client.end();
      else this.#client = client;
    } catch (err) {
      this.#lost(client, err);
      await client.end();
    }
  }

  #lost(client: PatientClient, err?: unknown): void {
    if (this.#client === client) this.#client = undefined;
    if (err !== undefined && !this.#stopped)
      this.logger.debug({ err }, 'not listening to the outbox; looking every 2 s');
  }
}
