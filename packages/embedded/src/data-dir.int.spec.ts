import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataDir } from './data-dir.js';
import { eventually, spawnScript, tempDir } from './testing/harness.js';

describe('lockDataDir', () => {
  let dir: Awaited<ReturnType<typeof tempDir>>;
  beforeEach(async () => {
    dir = await tempDir();
  });
  afterEach(() => dir.remove());

  const holdLock = `const lock = await embedded.lockDataDir(process.argv[1]); process.send('locked'); setInterval(() => {}, 1000);
    process.on('message', async () => { await lock.release(); process.exit(0); });`;

  it('lets one server in, and the next one after its release', async () => {
    const lock = await lockDataDir(dir.path);
    await expect(lockDataDir(dir.path, { waitMs: 50 })).rejects.toMatchObject({
      name: 'DataDirError',
      code: 'DATA_DIR_IN_USE',
    });
    await lock.release();
    const again = await lockDataDir(dir.path);
    await again.release();
    expect(await readdir(dir.path)).toEqual([]);
  });

  it('names the process that holds the folder', async () => {
    const other = spawnScript(holdLock, [dir.path]);
    await other.message;
    await expect(lockDataDir(dir.path, { waitMs: 0 })).rejects.toThrow(`in use by process ${other.child.pid}`);
    other.child.kill('SIGKILL');
  });

  it('is not held by a server that was killed', async () => {
    const other = spawnScript(holdLock, [dir.path]);
    await other.message;
    other.child.kill('SIGKILL');
    const lock = await lockDataDir(dir.path);
    await lock.release();
  });

  it('waits for a holder that is about to end', async () => {
    const other = spawnScript(holdLock, [dir.path]);
    await other.message;
    const waiting = lockDataDir(dir.path);
    other.child.send('end');
    await (await waiting).release();
  });

  it('is not held by a process that was given the same id later', async () => {
    await writeFile(join(dir.path, 'server.lock'), JSON.stringify({ pid: process.pid, startTime: 'another boot/1' }));
    await (await lockDataDir(dir.path, { waitMs: 0 })).release();
  });

  it('is not held by a lock file that was cut short', async () => {
    await writeFile(join(dir.path, 'server.lock'), '{"pid":');
    await (await lockDataDir(dir.path, { waitMs: 0 })).release();
  });

  it('is won by one of many that start at once over a stale lock', async () => {
    await writeFile(join(dir.path, 'server.lock'), JSON.stringify({ pid: 999_999_999, startTime: 'x' }));
    const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => lockDataDir(dir.path, { waitMs: 0 })));
    expect(attempts.filter((attempt) => attempt.status === 'fulfilled')).toHaveLength(1);
  });

  it('creates the folder, with parents', async () => {
    const lock = await lockDataDir(join(dir.path, 'a b', 'c'));
    expect(JSON.parse(await readFile(join(dir.path, 'a b', 'c', 'server.lock'), 'utf8'))).toMatchObject({
      pid: process.pid,
    });
    await lock.release();
  });

  it('says which folder cannot be written', async () => {
    const file = join(dir.path, 'file');
    await writeFile(file, '');
    await expect(lockDataDir(join(file, 'data'))).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' });
    await expect(lockDataDir(join(file, 'data'))).rejects.toThrow(join(file, 'data'));
  });

  it('refuses a folder in which nothing can be created, without trying for ever', async () => {
    await expect(lockDataDir('/proc/telemetryflow')).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' });
  });

  it('refuses a folder without write permission', async () => {
    const closed = join(dir.path, 'closed');
    await mkdir(closed, { mode: 0o500 });
    await asOrdinaryUser(closed, async () => {
      await expect(lockDataDir(closed)).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' });
    });
  });

  it('is quick to notice an end', async () => {
    const other = spawnScript(holdLock, [dir.path]);
    await other.message;
    other.child.kill('SIGKILL');
    await eventually(
      'the lock is free',
      async () => {
        const lock = await lockDataDir(dir.path, { waitMs: 0 }).catch(() => undefined);
        await lock?.release();
        return lock !== undefined;
      },
      2_000,
    );
  });
});

/** Root may write everywhere: as root, the work is done under another effective user, who owns `folder`. */
async function asOrdinaryUser(folder: string, work: () => Promise<void>): Promise<void> {
  const { getuid, getegid, seteuid, setegid } = process;
  if (getuid?.() !== 0 || seteuid === undefined || setegid === undefined || getegid === undefined) return work();
  const nobody = 65_534;
  await chmod(join(folder, '..'), 0o755);
  await chown(folder, nobody, nobody);
  const group = getegid();
  setegid(nobody);
  seteuid(nobody);
  try {
    await work();
  } finally {
    seteuid(0);
    setegid(group);
  }
}
