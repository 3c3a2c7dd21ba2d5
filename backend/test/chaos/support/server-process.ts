/** The server as its users run it, to be killed, stopped and looked into. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlive, processTree, type Part } from './process-table.ts';
import { until } from './until.ts';

const repository = fileURLToPath(new URL('../../../../', import.meta.url));
const PRELOAD = fileURLToPath(new URL('./preload.mjs', import.meta.url));
const OUTPUT_KEPT = 64 * 1024;

export interface StoreAddress {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface ServerProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a new folder, removed by `dispose`. */
  readonly dataDir?: string;
  /** Command before `node`, for limits that a shell sets. */
  readonly wrap?: readonly string[];
}

interface Ready {
  readonly type: 'ready';
  readonly url: string;
  readonly otlpHttpUrl: string;
  readonly otlpGrpcUrl: string;
}

export class ServerProcess {
  readonly dataDir: string;
  readonly #folder: string;
  readonly #options: ServerProcessOptions;
  #child: ChildProcess | undefined;
  #ready: Ready | undefined;
  #output = '';

  constructor(options: ServerProcessOptions = {}) {
    this.#options = options;
    this.#folder = mkdtempSync(join(tmpdir(), 'telemetryflow-chaos-'));
    this.dataDir = options.dataDir ?? join(this.#folder, 'data');
    mkdirSync(this.dataDir, { recursive: true });
  }

  /** Starts on the same folder and, once known, the same ports; resolves when it is ready. */
  async launch(): Promise<void> {
    const { ready, gone } = this.begin();
    await Promise.race([
      ready,
      gone.then((how) => {
        throw new Error(`the server ended (${how}) before it was ready:\n${this.output}`);
      }),
    ]);
  }

  /** Starts and does not wait. */
  begin(): { readonly ready: Promise<void>; readonly gone: Promise<string> } {
    const port = (url: string | undefined) => (url ? new URL(url.includes('://') ? url : `http://${url}`).port : '0');
    const node = [process.execPath, '--import', PRELOAD, join(repository, 'backend', 'dist', 'main.js')];
    const [command = '', ...args] = [...(this.#options.wrap ?? []), ...node];
    const child = spawn(command, args, {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        UV_THREADPOOL_SIZE: '8',
        NODE_ENV: 'development',
        LOG_LEVEL: 'warn',
        THROTTLE_LIMIT: '1000000',
        THROTTLE_INGESTION_LIMIT: '0',
        INGEST_CANARY_SECONDS: '0',
        DATA_DIR: this.dataDir,
        PORT: port(this.#ready?.url),
        OTLP_HTTP_PORT: port(this.#ready?.otlpHttpUrl),
        OTLP_GRPC_PORT: port(this.#ready?.otlpGrpcUrl),
        CHAOS_STORE_FILE: this.#storeFile,
        CHAOS_CLOCK_FILE: this.clockFile,
        ...this.#options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    const keep = (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-OUTPUT_KEPT));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const ready = new Promise<void>((resolve) => {
      child.on('message', (message: Ready) => {
        if (message.type !== 'ready') return;
        this.#ready = message;
        resolve();
      });
    });
    const gone = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(String(signal ?? code)));
    });
    return { ready, gone };
  }

  get url(): string {
    return this.#known().url;
  }
  get otlpHttpUrl(): string {
    return this.#known().otlpHttpUrl;
  }
  /** `host:port` for a gRPC client. */
  get otlpGrpcTarget(): string {
    return this.#known().otlpGrpcUrl.replace(/^\w+:\/\//, '');
  }
  get pid(): number {
    return this.#running().pid ?? 0;
  }
  /** The last 64 KiB that the process has printed. */
  get output(): string {
    return this.#output;
  }
  /** Milliseconds by which the server's clock is wrong; no file means none. */
  get clockFile(): string {
    return join(this.#folder, 'clock');
  }
  get #storeFile(): string {
    return join(this.#folder, 'store.json');
  }

  /** The embedded store of the process that runs now. */
  get store(): StoreAddress {
    return JSON.parse(readFileSync(this.#storeFile, 'utf8')) as StoreAddress;
  }

  /** The key that `npm start` prints, as request headers. */
  get keyHeaders(): Record<string, string> {
    const file = join(this.dataDir, 'secrets', 'development-key.json');
    const { keyId, keySecret } = JSON.parse(readFileSync(file, 'utf8')) as { keyId: string; keySecret: string };
    return { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret };
  }

  /** Process ids of a part. Of PostgreSQL the postmaster alone. */
  pids(part: Part): number[] {
    const all = processTree(this.pid).filter((process) => process.part === part);
    return all
      .filter(({ command }) => part !== 'postgres' || /bin\/postgres .*-D|postgres -D/.test(command))
      .map(({ pid }) => pid);
  }

  /** One value of /metrics, summed over its labels; undefined when it is not there. */
  async metric(name: string): Promise<number | undefined> {
    return (await this.metrics()).get(name);
  }

  /** All of /metrics by name, summed over labels. */
  async metrics(): Promise<Map<string, number>> {
    const response = await fetch(`${this.url}/metrics`);
    const values = new Map<string, number>();
    for (const line of (await response.text()).split('\n')) {
      const match = /^([a-z_]+)(?:\{.*\})? (\S+)$/.exec(line);
      if (match) values.set(match[1] as string, (values.get(match[1] as string) ?? 0) + Number(match[2]));
    }
    return values;
  }

  /** Resolves when everything acknowledged is in the store. */
  async untilDrained(timeoutMs = 120_000): Promise<void> {
    await until(
      'an empty ingest log',
      async () => {
        const metrics = await this.metrics();
        // The metrics, not the folder: the folder always has the file that numbers segments.
        return metrics.get('otlp_ingestion_segments_waiting') === 0 && metrics.get('otlp_ingestion_lag_ms') === 0;
      },
      timeoutMs,
    );
  }

  /** Ends the server as a crash would; its engines notice by themselves. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Stops the server in order. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** Ends everything and removes the data. */
  async dispose(): Promise<void> {
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const tree = processTree(child.pid).map(({ pid }) => pid);
      await this.stop();
      await until('the end of all processes', () => tree.every((pid) => !isAlive(pid)), 30_000);
    }
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  #running(): ChildProcess {
    if (!this.#child) throw new Error('the server was never started');
    return this.#child;
  }

  #known(): Ready {
    if (!this.#ready) throw new Error('the server has not been ready yet');
    return this.#ready;
  }
}
