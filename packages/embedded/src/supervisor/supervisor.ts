import { spawn, type ChildProcess } from 'node:child_process';
import type { Engine, EngineLogger, EngineState } from '../types.js';
import { forwardLines } from './log-lines.js';

/** What makes one engine different from another. */
export interface EngineProcess {
  readonly name: Engine['name'];
  /** Whatever must be true before a launch (stale files gone, an orphan stopped). */
  prepare?(): Promise<void>;
  launch(): ChildProcess;
  /** Resolves once the child answers; `signal` aborts when the child is gone. */
  untilReady(child: ChildProcess, signal: AbortSignal): Promise<void>;
  /** Asks the child to finish its work and leave. */
  askToStop(child: ChildProcess): void;
  /** Level of a line the child wrote to stdout or stderr; default `info`. */
  levelOf?(line: string): keyof EngineLogger;
}

export interface SupervisorOptions {
  readonly logger: EngineLogger;
  readonly readyTimeoutMs?: number;
  readonly stopTimeoutMs?: number;
  /** Uptime after which the back-off starts over. */
  readonly stableAfterMs?: number;
}

const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 15_000;
const FAILURES_UNTIL_FAILED = 10;
const FIRST_START_ATTEMPTS = 3;

/** Keeps one child process alive: launch, readiness, restart with exponential back-off, ordered stop. */
export class Supervisor {
  #process: EngineProcess;
  #logger: EngineLogger;
  #readyTimeoutMs: number;
  #stopTimeoutMs: number;
  #stableAfterMs: number;
  #state: EngineState = 'starting';
  #child: ChildProcess | undefined;
  #restarts = 0;
  #failures = 0;
  #listeners = new Set<(state: EngineState) => void>();
  #stopping: Promise<void> | undefined;
  #wakeUp: AbortController = new AbortController();
  #lastLines: string[] = [];

  constructor(process: EngineProcess, options: SupervisorOptions) {
    this.#process = process;
    this.#logger = options.logger;
    this.#readyTimeoutMs = options.readyTimeoutMs ?? 60_000;
    this.#stopTimeoutMs = options.stopTimeoutMs ?? 15_000;
    this.#stableAfterMs = options.stableAfterMs ?? 60_000;
  }

  get state(): EngineState {
    return this.#state;
  }
  get restarts(): number {
    return this.#restarts;
  }
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  onStateChange(listener: (state: EngineState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** First start. Rejects with the child's last words when it does not come up after three attempts. */
  async start(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        const exited = await this.#launchOnce();
        this.#watch(exited);
        return;
      } catch (error) {
        if (this.#stopping !== undefined) throw error;
        if (attempt >= FIRST_START_ATTEMPTS) {
          this.#setState('failed');
          throw error;
        }
        await this.#pause(this.#backoffMs());
      }
    }
  }

  async whenReady(timeoutMs = 60_000): Promise<void> {
    if (this.#state === 'ready') return;
    await new Promise<void>((resolve, reject) => {
      const finish = (error?: Error) => {
        clearTimeout(timer);
        off();
        if (error) reject(error);
        else resolve();
      };
      const timer = setTimeout(
        () => finish(new Error(`${this.#process.name} is not ready after ${timeoutMs} ms (state: ${this.#state})`)),
        timeoutMs,
      );
      const onState = (state: EngineState) => {
        if (state === 'ready') finish();
        if (state === 'stopped') finish(new Error(`${this.#process.name} is stopped`));
      };
      const off = this.onStateChange(onState);
      onState(this.#state);
    });
  }

  /** Fast shutdown, then SIGKILL after the stop timeout. Idempotent. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopNow();
    return this.#stopping;
  }

  async #stopNow(): Promise<void> {
    this.#wakeUp.abort();
    const child = this.#child;
    if (child !== undefined && isAlive(child)) {
      const exited = onceExited(child);
      this.#process.askToStop(child);
      const timer = setTimeout(() => {
        this.#logger.warn({ engine: this.#process.name }, 'engine did not stop in time, killing it');
        child.kill('SIGKILL');
      }, this.#stopTimeoutMs);
      await exited;
      clearTimeout(timer);
    }
    this.#child = undefined;
    this.#setState('stopped');
    this.#listeners.clear();
  }

  /** Launches and waits for readiness; resolves with a promise of the exit that will come one day. */
  async #launchOnce(): Promise<{ gone: Promise<string>; readyAtMs: number }> {
    const { name } = this.#process;
    const startedAtMs = performance.now();
    this.#lastLines = [];
    await this.#process.prepare?.();
    if (this.#stopping !== undefined) throw new Error(`${name} is stopped`);
    const child = this.#process.launch();
    this.#child = child;
    const levelOf = this.#process.levelOf ?? (() => 'info' as const);
    const onLine = (line: string) => {
      this.#lastLines = [...this.#lastLines.slice(-9), line];
      this.#logger[levelOf(line)]({ engine: name, pid: child.pid }, line);
    };
    if (child.stdout) forwardLines(child.stdout, onLine);
    if (child.stderr) forwardLines(child.stderr, onLine);

    const gone = onceExited(child);
    const timedOut = AbortSignal.timeout(this.#readyTimeoutMs);
    const exit = new AbortController();
    void gone.then((how) => exit.abort(new Error(`${name} ended before it was ready (${how})`)));
    try {
      await Promise.race([
        this.#process.untilReady(child, AbortSignal.any([exit.signal, timedOut])),
        rejectWhen(exit.signal),
        rejectWhen(timedOut),
      ]);
    } catch (cause) {
      if (isAlive(child)) child.kill('SIGKILL');
      await gone;
      this.#child = undefined;
      this.#failures++;
      const lastWords = this.#lastLines.length > 0 ? `: ${this.#lastLines.slice(-3).join(' | ')}` : '';
      throw new Error(`${cause instanceof Error ? cause.message : String(cause)}${lastWords}`, { cause });
    }
    const readyAtMs = performance.now();
    this.#logger.info(
      { engine: name, pid: child.pid, readyMs: Math.round(readyAtMs - startedAtMs) },
      `${name} is ready`,
    );
    this.#setState('ready');
    return { gone, readyAtMs };
  }

  #watch(running: { gone: Promise<string>; readyAtMs: number }): void {
    void running.gone.then(async (how) => {
      if (this.#stopping !== undefined) return;
      this.#child = undefined;
      if (performance.now() - running.readyAtMs >= this.#stableAfterMs) this.#failures = 0;
      this.#logger.error(
        { engine: this.#process.name, how },
        `${this.#process.name} ended unexpectedly (${how}), restarting it`,
      );
      this.#setState('restarting');
      await this.#restartUntilReady();
    });
  }

  async #restartUntilReady(): Promise<void> {
    while (this.#stopping === undefined) {
      await this.#pause(this.#backoffMs());
      if (this.#stopping !== undefined) return;
      try {
        this.#restarts++;
        const running = await this.#launchOnce();
        this.#failures++; // forgiven once it has been up for a while
        this.#watch(running);
        return;
      } catch (error) {
        if (this.#stopping !== undefined) return;
        this.#logger.error(
          { engine: this.#process.name, err: error, failures: this.#failures },
          'engine did not come back, trying again',
        );
        if (this.#failures >= FAILURES_UNTIL_FAILED) this.#setState('failed');
      }
    }
  }

  #backoffMs(): number {
    return Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, LONGEST_BACKOFF_MS);
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#wakeUp;
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #setState(state: EngineState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}

/**
 * Spawns without a shell, in a session of its own: a Ctrl-C in the terminal reaches only the server,
 * which then stops its engines in order.
 */
export function spawnDetached(
  command: string,
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; uid?: number; gid?: number; ipc?: boolean },
): ChildProcess {
  const { ipc, ...rest } = options;
  return spawn(command, [...args], {
    ...rest,
    detached: true,
    stdio: ipc ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
  });
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/** Resolves with a description of how the child ended; a child that could not be spawned counts as ended. */
function onceExited(child: ChildProcess): Promise<string> {
  if (child.exitCode !== null) return Promise.resolve(`exit code ${child.exitCode}`);
  if (child.signalCode !== null) return Promise.resolve(`signal ${child.signalCode}`);
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(error.message);
    });
  });
}

function rejectWhen(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
