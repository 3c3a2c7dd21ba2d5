import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isSameProcess, type ProcessIdentity } from '../supervisor/process-identity.js';
import type { EngineLogger } from '../types.js';

/** What an engine without a server takes to end by itself, and some more. */
const ENDS_BY_ITSELF_MS = 4_000;

const fileOf = (dir: string): string => join(dir, 'engine.pid');

/** Writes down that this process is the engine of the folder. Call it before the folder is opened. */
export async function sign(dir: string): Promise<void> {
  const identity = await identifyProcess(process.pid);
  const file = fileOf(dir);
  await writeFile(`${file}.new`, JSON.stringify(identity), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/**
 * Clears the way for a launch on `dir`, whose data folder the caller has locked: an engine that outlived its server is
 * waited for, then killed. It may hang in the native library, deaf to everything else, and would keep the folder locked.
 */
export async function clearTheWay(dir: string, logger: EngineLogger): Promise<void> {
  const orphan = await read(fileOf(dir));
  if (orphan === undefined) return;
  const deadline = performance.now() + ENDS_BY_ITSELF_MS;
  while (await isSameProcess(orphan)) {
    if (performance.now() >= deadline) {
      logger.warn({ engine: 'clickhouse', pid: orphan.pid }, 'killing a ClickHouse that outlived its server');
      kill(orphan.pid);
    }
    await delay(20);
  }
  await rm(fileOf(dir), { force: true });
}

/** Anything that names no process is as good as no file: a half-written one, a folder of an earlier version. */
async function read(file: string): Promise<ProcessIdentity | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('startTime' in value)) return undefined;
    return typeof value.pid === 'number' && typeof value.startTime === 'string'
      ? { pid: value.pid, startTime: value.startTime }
      : undefined;
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isAbsent || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
