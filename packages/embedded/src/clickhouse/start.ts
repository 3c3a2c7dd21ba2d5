import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism, setPriority, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChildProcess } from 'node:child_process';
import { asDataDirError } from '../data-dir.js';
import { freePort } from '../supervisor/free-port.js';
import { spawnDetached, Supervisor } from '../supervisor/supervisor.js';
import type { EmbeddedClickHouse, EngineLogger } from '../types.js';
import { handoverOf } from './spool.js';
import { clearTheWay } from './orphan.js';
import type { ChildMessage, Concurrency, StartMessage } from './protocol.js';

/** Threads of the engine process beyond those that statements hold: files, compression, control statements. */
const SPARE_THREADS = 8;
const NICENESS = 5;

/**
 * When this package runs from its TypeScript sources, the engine process does too: Node strips the
 * types, and this hook makes `./x.js` mean `./x.ts`.
 */
const SOURCE_HOOK = `import { registerHooks } from 'node:module';
registerHooks({ resolve(specifier, context, next) {
  const fromSource = specifier.startsWith('.') && specifier.endsWith('.js') && context.parentURL?.endsWith('.ts');
  return next(fromSource ? specifier.slice(0, -3) + '.ts' : specifier, context);
} });`;

export interface EmbeddedClickHouseOptions {
  /** The server's data folder; the engine keeps its files in `clickhouse` below it. */
  readonly dataDir: string;
  readonly logger: EngineLogger;
  /** Memory cap of the engine; default a third of the machine (or of the container). */
  readonly memoryLimitBytes?: number;
  /** Port on 127.0.0.1; default a free one. */
  readonly port?: number;
}

/**
 * Starts chDB in a process of its own behind ClickHouse's HTTP interface on 127.0.0.1.
 * Resolves when it answers. Rejects with DataDirError when the folder cannot be written,
 * with the engine's last words when it does not come up.
 */
export async function startEmbeddedClickHouse(options: EmbeddedClickHouseOptions): Promise<EmbeddedClickHouse> {
  const dir = join(resolve(options.dataDir), 'clickhouse');
  await mkdir(dir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw asDataDirError(options.dataDir, error);
  });
  const port = options.port ?? (await freePort());
  const username = 'telemetryflow';
  const password = randomBytes(24).toString('base64url');
  const concurrency: Concurrency = {
    reads: Math.max(4, 2 * availableParallelism()),
    writes: Math.max(2, availableParallelism()),
  };
  const memoryLimitBytes = options.memoryLimitBytes ?? defaultMemoryLimit();
  const start: StartMessage = { type: 'start', dir, port, username, password, memoryLimitBytes, concurrency };

  const supervisor = new Supervisor(
    {
      name: 'clickhouse',
      prepare: () => clearTheWay(dir, options.logger),
      launch: () => launch(start),
      untilReady,
      askToStop: (child) => child.kill('SIGTERM'),
      levelOf: (line) => (/error|exception|fatal/i.test(line) ? 'error' : 'info'),
    },
    { logger: options.logger },
  );
  await supervisor.start();
  return {
    name: 'clickhouse',
    url: `http://127.0.0.1:${port}`,
    username,
    password,
    handover: handoverOf(dir),
    get state() {
      return supervisor.state;
    },
    get restarts() {
      return supervisor.restarts;
    },
    get pid() {
      return supervisor.pid;
    },
    stop: () => supervisor.stop(),
    onStateChange: (listener) => supervisor.onStateChange(listener),
    whenReady: (timeoutMs) => supervisor.whenReady(timeoutMs),
  };
}

function launch(start: StartMessage): ChildProcess {
  const fromSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(fromSource ? './child.ts' : './child.js', import.meta.url));
  const hook = fromSource ? ['--import', `data:text/javascript,${encodeURIComponent(SOURCE_HOOK)}`] : [];
  const threads = start.concurrency.reads + start.concurrency.writes + SPARE_THREADS;
  const env: NodeJS.ProcessEnv = { ...process.env, UV_THREADPOOL_SIZE: String(threads), TZ: 'UTC' };
  delete env.NODE_OPTIONS;
  const child = spawnDetached(process.execPath, ['--disable-warning=ExperimentalWarning', ...hook, entry], {
    env,
    cwd: start.dir,
    ipc: true,
  });
  child.on('error', () => undefined); // reported by the supervisor
  giveWay(child);
  if (child.connected) child.send(start, () => undefined);
  return child;
}

/**
 * Inserts and merges take every core they find; acknowledgements, which take little, shall not stand in line behind them.
 * Where processes are scheduled by session (Linux autogroups), a session's own weight counts and the process's does not.
 */
function giveWay({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, NICENESS);
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/autogroup`, String(NICENESS));
  } catch {
    // Not allowed, or there are no autogroups: then all are served alike.
  }
}

function untilReady(child: ChildProcess, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    child.on('message', (message: ChildMessage) => {
      if (message.type === 'ready') resolve();
    });
  });
}

function defaultMemoryLimit(): number {
  const constrained = process.constrainedMemory();
  const machine = constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
  return Math.round(machine / 3);
}
