import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { identifyProcess, isSameProcess } from '../supervisor/process-identity.js';
import type { EngineLogger } from '../types.js';

const run = promisify(execFile);

const FAST_SHUTDOWN_MS = 10_000;
const IMMEDIATE_SHUTDOWN_MS = 5_000;

/**
 * Clears the way for a launch on `dir`: a postmaster that outlived its server is shut down (fast, then
 * at once, then killed); a `postmaster.pid` whose process is gone, or is another program that was given
 * the same id, is removed.
 */
export async function clearTheWay(dir: string, logger: EngineLogger): Promise<void> {
  const file = join(dir, 'postmaster.pid');
  const pid = await readPid(file);
  if (pid === undefined) return;
  const identity = await identifyProcess(pid);
  if (identity !== undefined && pid !== process.pid && (await isPostmasterOf(pid, dir))) {
    logger.warn({ engine: 'postgres', pid }, 'stopping a PostgreSQL that outlived its server');
    const steps = [
      ['SIGINT', FAST_SHUTDOWN_MS],
      ['SIGQUIT', IMMEDIATE_SHUTDOWN_MS],
      ['SIGKILL', IMMEDIATE_SHUTDOWN_MS],
    ] as const;
    for (const [signal, patienceMs] of steps) {
      signalProcess(pid, signal);
      const deadline = performance.now() + patienceMs;
      while (performance.now() < deadline && (await isSameProcess(identity))) await delay(20);
      if (!(await isSameProcess(identity))) break;
    }
  }
  if ((await readPid(file)) === pid) await rm(file, { force: true });
}

/** First line of the lock file: the postmaster's id, negative for single-user mode. */
async function readPid(file: string): Promise<number | undefined> {
  try {
    const pid = Math.abs(Number.parseInt(await readFile(file, 'utf8'), 10));
    return Number.isNaN(pid) ? 0 : pid;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A postmaster's working directory is its data folder. */
async function isPostmasterOf(pid: number, dir: string): Promise<boolean> {
  if (process.platform === 'linux') {
    try {
      const [cwd, own, command] = await Promise.all([
        readlink(`/proc/${pid}/cwd`),
        realpath(dir),
        readFile(`/proc/${pid}/cmdline`, 'utf8'),
      ]);
      return cwd === own && command.split('\0')[0]?.endsWith('postgres') === true;
    } catch {
      return false; // gone, or not ours to look at
    }
  }
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.includes('postgres') && stdout.includes(dir);
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
