import { randomBytes } from 'node:crypto';
import type { Key, TestPlatform } from './platform.js';

export const LOGS_PER_REQUEST = 5;

export interface LogSenderOptions {
  readonly node: TestPlatform;
  readonly key: Key;
  /** `service.name` of all that is sent. */
  readonly service: string;
  /** Requests under way at the same time. */
  readonly loops: number;
  /** Between two requests of a loop. */
  readonly pauseMs?: number;
}

/** Sends small batches of logs to one node, whoever runs it now, until told to stop. */
export class LogSender {
  /** Of all records that were answered with 200; a record's body is its id. */
  readonly acknowledged = new Set<string>();
  readonly service: string;
  #running = true;
  readonly #loops: Promise<void>[];

  constructor(private readonly options: LogSenderOptions) {
    this.service = options.service;
    this.#loops = Array.from({ length: options.loops }, () => this.#loop());
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  async #loop(): Promise<void> {
    const { node, key, service, pauseMs = 0 } = this.options;
    while (this.#running) {
      const ids = Array.from({ length: LOGS_PER_REQUEST }, () => randomBytes(8).toString('hex'));
      try {
        if ((await sendLogs(node, key, service, ids)) === 200) for (const id of ids) this.acknowledged.add(id);
      } catch {
        // The node is away: nothing was acknowledged.
      }
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs)); // bounded load
    }
  }
}

/** Sends log records whose bodies are `ids`; resolves with the HTTP status. */
export async function sendLogs(node: TestPlatform, key: Key, service: string, ids: readonly string[]): Promise<number> {
  const timeUnixNano = `${BigInt(Date.now()) * 1_000_000n}`;
  const logRecords = ids.map((id) => ({ timeUnixNano, severityNumber: 9, body: { stringValue: id } }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  const response = await fetch(`${node.otlpHttpUrl}/v1/logs`, {
    method: 'POST',
    body: JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }),
    headers: { 'content-type': 'application/json', 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret },
  });
  await response.arrayBuffer();
  return response.status;
}
