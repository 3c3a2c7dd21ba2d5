/** The server as its users run it: a process of its own on free ports, with a data folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../../', import.meta.url));
const entryPoint = join(repository, 'backend', 'dist', 'main.js');

export const seedUsers = {
  super: { email: 'super.administrator@telemetryflow.id', password: 'SuperAdmin@123456' },
  administrator: { email: 'admin.telemetryflow@telemetryflow.id', password: 'Admin@123456' },
  developer: { email: 'developer.telemetryflow@telemetryflow.id', password: 'Developer@123456' },
  viewer: { email: 'viewer.telemetryflow@telemetryflow.id', password: 'Viewer@123456' },
  demo: { email: 'demo.telemetryflow@telemetryflow.id', password: 'Demo@123456' },
} as const;
export type Role = keyof typeof seedUsers;

interface Ready {
  readonly type: 'ready';
  readonly url: string;
  readonly otlpHttpUrl: string;
  readonly otlpGrpcUrl: string;
}

/** The store that the server uses, for tests that look into it. The server tells it when it is asked. */
interface StoreAnswer {
  readonly type: 'store';
  readonly clickhouse: {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    readonly database: string;
  };
}

export interface Key {
  readonly keyId: string;
  readonly keySecret: string;
}

export interface Reply<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export class TestPlatform {
  #child: ChildProcess | undefined;
  #ready: Ready | undefined;
  #clickhouse: StoreAnswer['clickhouse'] | undefined;
  #output = '';
  readonly #tokens = new Map<Role, string>();

  private constructor(
    readonly dataDir: string,
    readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Starts a server and waits until it says that it is ready. */
  static async start(env: Record<string, string> = {}): Promise<TestPlatform> {
    const dataDir = await mkdtemp(join(tmpdir(), 'telemetryflow test '));
    const platform = new TestPlatform(dataDir, env);
    await platform.launch();
    return platform;
  }

  /** Starts the process again on the same data folder and, once known, the same ports. */
  async launch(): Promise<void> {
    const port = (url: string | undefined) => (url ? new URL(url.includes('://') ? url : `http://${url}`).port : '0');
    const child = spawn(process.execPath, ['--enable-source-maps', entryPoint], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_ENV: 'development',
        LOG_LEVEL: 'info',
        THROTTLE_LIMIT: '100000',
        THROTTLE_INGESTION_LIMIT: '0',
        API_KEY_FAILURES_PER_MINUTE: '100000',
        INGEST_CANARY_SECONDS: '0',
        DATA_DIR: this.dataDir,
        PORT: port(this.#ready?.url),
        OTLP_HTTP_PORT: port(this.#ready?.otlpHttpUrl),
        OTLP_GRPC_PORT: port(this.#ready?.otlpGrpcUrl),
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#ready = await new Promise<Ready>((resolve, reject) => {
      child.on('message', (message: Ready) => message.type === 'ready' && resolve(message));
      child.once('exit', (code, signal) =>
        reject(new Error(`the server ended (${signal ?? code}) before it was ready:\n${this.#output}`)),
      );
    });
    this.#clickhouse = await new Promise<StoreAnswer['clickhouse']>((resolve) => {
      child.on('message', (message: StoreAnswer) => message.type === 'store' && resolve(message.clickhouse));
      child.send('store');
    });
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
  get clickhouse(): StoreAnswer['clickhouse'] {
    if (this.#clickhouse === undefined) throw new Error('the server is not running');
    return this.#clickhouse;
  }
  get pid(): number {
    return this.#running().pid ?? 0;
  }
  /** Everything the process has printed so far. */
  get output(): string {
    return this.#output;
  }

  /** The key that `npm start` prints. */
  async developmentKey(): Promise<Key> {
    return JSON.parse(await readFile(join(this.dataDir, 'secrets', 'development-key.json'), 'utf8')) as Key;
  }

  async token(role: Role = 'administrator'): Promise<string> {
    const known = this.#tokens.get(role);
    if (known) return known;
    const { body } = await this.request<{ access_token: string }>('POST', '/api/v2/auth/login', {
      body: seedUsers[role],
    });
    this.#tokens.set(role, body.access_token);
    return body.access_token;
  }

  /** A call with a role's token; the body is parsed when it is JSON. */
  async api<T>(
    method: string,
    path: string,
    options: { as?: Role; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Reply<T>> {
    const token = await this.token(options.as);
    return this.request<T>(method, path, {
      ...options,
      headers: { authorization: `Bearer ${token}`, ...options.headers },
    });
  }

  async request<T>(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Reply<T>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...(options.body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text ? JSON.parse(text) : text) as T,
    };
  }

  /** Ends the server as a crash would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops the server in order; resolves with its exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** Stops the server and removes its data. */
  async dispose(): Promise<void> {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#running();
    const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
    child.kill(signal);
    const code = await gone;
    this.#child = undefined;
    return code;
  }

  #running(): ChildProcess {
    if (!this.#child) throw new Error('the server is not running');
    return this.#child;
  }

  #known(): Ready {
    if (!this.#ready) throw new Error('the server has not been ready yet');
    return this.#ready;
  }
}

/** Tries `attempt` until it returns something other than undefined or the time is over. */
export async function eventually<T>(
  what: string,
  attempt: () => Promise<T | undefined>,
  timeoutMs = 20_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const result = await attempt();
      if (result !== undefined) return result;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`${what} did not come about within ${timeoutMs} ms`, { cause: last });
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
