import { createHash, randomUUID } from 'node:crypto';
import { access, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isSameProcess, type ProcessIdentity } from './supervisor/process-identity.js';

/** The data folder cannot be used. The message is one sentence that says which folder and why. */
export class DataDirError extends Error {
  readonly code: 'DATA_DIR_IN_USE' | 'DATA_DIR_UNWRITABLE';

  constructor(code: DataDirError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DataDirError';
    this.code = code;
  }
}

/** A failed file operation in the data folder, as DataDirError where it is about permissions or the path. */
export function asDataDirError(dir: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (error instanceof DataDirError || code === undefined) return error;
  if (
    !['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT', 'ENOSPC', 'EDQUOT', 'ENAMETOOLONG', 'ELOOP'].includes(
      code,
    )
  )
    return error;
  return new DataDirError('DATA_DIR_UNWRITABLE', `The data folder ${resolve(dir)} cannot be written (${code}).`, {
    cause: error,
  });
}

const LOCK_FILE = 'server.lock';

/**
 * Takes the data folder for this process; creates the folder if need be. The lock is a file that names
 * its holder by process id and start time, so what a killed server left behind never blocks.
 * Waits up to `waitMs` (default 5,000) for a holder that is about to end.
 * Rejects with DataDirError: DATA_DIR_IN_USE, DATA_DIR_UNWRITABLE.
 */
export async function lockDataDir(dir: string, o: { waitMs?: number } = {}): Promise<{ release(): Promise<void> }> {
  const path = join(resolve(dir), LOCK_FILE);
  const deadline = performance.now() + (o.waitMs ?? 5_000);
  const me = await identifyProcess(process.pid);
  if (me === undefined) throw new Error('cannot identify the own process');
  const content = JSON.stringify({ ...me, token: randomUUID() });
  try {
    await makeFolder(resolve(dir));
    for (;;) {
      if (await tryCreate(path, content)) break;
      const holder = await readLock(path);
      if (holder === undefined) continue;
      if (!(await isSameProcess(holder.identity))) {
        await removeStale(path, holder.content, content);
        continue;
      }
      if (performance.now() >= deadline) {
        throw new DataDirError(
          'DATA_DIR_IN_USE',
          `The data folder ${resolve(dir)} is in use by process ${holder.identity.pid}.`,
        );
      }
      await delay(50);
    }
  } catch (error) {
    throw asDataDirError(dir, error);
  }
  return {
    async release() {
      if ((await readLock(path))?.content === content) await rm(path, { force: true });
    },
  };
}

/**
 * Creates a folder with its parents. Node's own recursive `mkdir` never ends below a folder that exists and yet answers
 * ENOENT for its children, as `/proc` does.
 */
async function makeFolder(dir: string): Promise<void> {
  try {
    await mkdir(dir, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const parent = dirname(dir);
    if (code !== 'ENOENT' || parent === dir || (await exists(parent))) throw error;
    await makeFolder(parent);
    await mkdir(dir, { mode: 0o700 });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Creates the lock file with its content in one step, so that nobody ever reads half of it. */
async function tryCreate(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, content, { flag: 'wx', mode: 0o600 });
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readLock(path: string): Promise<{ content: string; identity: ProcessIdentity } | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return { content, identity: parseIdentity(content) };
}

/** What cannot be read (a lock file cut short by a full disk) names nobody and counts as stale. */
function parseIdentity(content: string): ProcessIdentity {
  try {
    const { pid, startTime } = JSON.parse(content) as Partial<ProcessIdentity>;
    if (typeof pid === 'number' && typeof startTime === 'string') return { pid, startTime };
  } catch {
    // falls through
  }
  return { pid: 0, startTime: '' };
}

/**
 * Removes a lock whose holder is dead. Whoever wants to do that first claims exactly this lock, by a file
 * named after its content, so that a slow starter never removes the fresh lock of a faster one. A claim
 * whose own holder was killed is removed in the same way.
 */
async function removeStale(path: string, staleContent: string, claimContent: string): Promise<void> {
  const claim = `${path}.${createHash('sha256').update(staleContent).digest('hex').slice(0, 16)}`;
  if (!(await tryCreate(claim, claimContent))) {
    const other = await readLock(claim);
    if (other === undefined) return;
    if (await isSameProcess(other.identity)) await delay(5);
    else await removeStale(claim, other.content, claimContent);
    return;
  }
  try {
    if ((await readLock(path))?.content === staleContent) await rm(path, { force: true });
  } finally {
    await rm(claim, { force: true });
  }
}
