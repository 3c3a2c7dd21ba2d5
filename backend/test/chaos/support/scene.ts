/** A server under load whose every item is accounted for, as most faults need it. */
import assert from 'node:assert/strict';
import { Load, type LoadOptions } from './clients.ts';
import { Ledger } from './ledger.ts';
import { Payloads } from './payloads.ts';
import { ServerProcess, type ServerProcessOptions } from './server-process.ts';
import { verify, type Verdict } from './verify.ts';

export interface SceneOptions extends ServerProcessOptions {
  readonly items?: number;
  readonly logBytes?: number;
}

export class Scene {
  readonly server: ServerProcess;
  readonly ledger = new Ledger();
  readonly statuses = new Map<string, number>();
  readonly payloads: Payloads;
  readonly #baseNs = BigInt(Date.now()) * 1_000_000n;
  readonly #items: number;
  #load: Load | undefined;

  constructor({ items = 8, logBytes = 104, ...options }: SceneOptions = {}) {
    this.server = new ServerProcess(options);
    this.#items = items;
    this.payloads = new Payloads({ items, baseNs: this.#baseNs, logBytes });
  }

  /** Starts clients of every protocol. */
  send(options: Partial<LoadOptions> = {}): Load {
    const { server, payloads, ledger, statuses } = this;
    const keyHeaders = server.keyHeaders;
    const target = () => ({ otlpHttpUrl: server.otlpHttpUrl, otlpGrpcTarget: server.otlpGrpcTarget, keyHeaders });
    this.#load = new Load({ target, payloads, ledger, statuses, clients: 1, ...options });
    return this.#load;
  }

  /** Ends the load, waits for the store and compares. */
  async verified(): Promise<Verdict> {
    await this.rest();
    await this.server.untilDrained();
    const verdict = await verify(this.server.store, { ledger: this.ledger, items: this.#items, baseNs: this.#baseNs });
    assert.deepEqual(verdict.faults, []);
    return verdict;
  }

  async rest(): Promise<void> {
    await this.#load?.stop();
    this.#load = undefined;
  }

  /** Statuses other than those that match. */
  answersBeside(allowed: RegExp): string[] {
    return [...this.statuses.keys()].filter((status) => !allowed.test(status));
  }

  async dispose(): Promise<void> {
    await this.rest();
    await this.server.dispose();
  }
}
