/**
 * Runs the server and brings it back when it dies without having been asked to. The server lives in its own process
 * group, so that a terminal's Ctrl-C reaches it once, through us, and its engines never directly. When we are killed
 * ourselves, the server notices the closed channel and stops in order.
 */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { whenNpmIsGone } from './parents.mjs';
import { EXIT_CONFIG, root, runtime, toolEnvironment } from './workspace.mjs';

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;
/** How often a server may die before it was ever ready until we give up. */
const MAX_FAILED_STARTS = 3;
/** npm and the terminal may both deliver one Ctrl-C. */
const SAME_KEYSTROKE_MS = 1000;

/** The folder that the person is in: npm changes the working directory and tells the original in INIT_CWD. */
const startFolder = process.env.INIT_CWD ?? process.cwd();

/** Where the platform keeps its data when DATA_DIR does not say: with the repository, wherever it was started from. */
export const dataDir = process.env.DATA_DIR ? resolve(startFolder, process.env.DATA_DIR) : join(root, 'data');

/** How a person's terminal runs the server, for {@link supervise}. */
export const serverAtTerminal = {
  args: ['--enable-source-maps', join(root, 'backend', 'dist', 'main.js')],
  cwd: startFolder,
  env: {
    DATA_DIR: dataDir,
    // One calm block matters more than the steps that led to it.
    ...(process.env.LOG_LEVEL || process.env.NODE_ENV === 'production' ? {} : { LOG_LEVEL: 'warn' }),
  },
};

/**
 * @param {{ args: string[], env?: Record<string, string>, cwd?: string, onReady?: (message: object) => void }} options
 *   `args` for Node: the entry point and its arguments
 * @returns {{ done: Promise<number>, stop: (signal?: NodeJS.Signals) => void, restart: () => void }}
 */
export function supervise({ args, env = {}, cwd, onReady }) {
  let child;
  let stopping = false;
  let stoppedAt = 0;
  let restarting = false;
  let everReady = false;
  let failures = 0;
  let timer;
  let finish;
  const done = new Promise((resolve) => (finish = resolve));

  function start() {
    child = spawn(runtime(), args, {
      cwd: cwd ?? process.cwd(),
      env: toolEnvironment(env),
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      detached: process.platform !== 'win32',
    });
    child.on('message', (message) => {
      if (message?.type !== 'ready') return;
      everReady = true;
      failures = 0;
      onReady?.(message);
    });
    child.on('error', (error) => process.stderr.write(`The server could not be run: ${error.message}\n`));
    child.on('exit', ended);
  }

  function ended(code, signal) {
    child = undefined;
    if (stopping) return finish(code ?? 0);
    if (restarting) {
      restarting = false;
      return start();
    }
    if (code === 0 || code === EXIT_CONFIG) return finish(code);
    failures += 1;
    if (!everReady && failures >= MAX_FAILED_STARTS) return finish(code ?? 1);
    const wait = Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS);
    process.stderr.write(`The server ended (${signal ?? `exit code ${code}`}); starting it again in ${wait} ms.\n`);
    timer = setTimeout(start, wait);
  }

  function stop(signal = 'SIGTERM') {
    const now = Date.now();
    if (stopping && now - stoppedAt < SAME_KEYSTROKE_MS) return;
    stopping = true;
    stoppedAt = now;
    clearTimeout(timer);
    if (child) child.kill(signal);
    else finish(0);
  }

  process.on('SIGINT', () => stop('SIGINT'));
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGHUP', () => stop('SIGTERM'));
  whenNpmIsGone(() => stop('SIGTERM'));
  start();
  return {
    done,
    stop,
    restart() {
      if (!child) return;
      restarting = true;
      child.kill('SIGTERM');
    },
  };
}
