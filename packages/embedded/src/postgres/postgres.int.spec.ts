import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../supervisor/free-port.js';
import { eventually, recordingLogger, spawnScript, tempDir } from '../testing/harness.js';
import type { EmbeddedPostgres } from '../types.js';
import { findBinaries } from './binaries.js';
import { postgresEnv } from './cluster.js';
import { chooseRunAs, OTHER_USER } from './run-as.js';
import { startEmbeddedPostgres, type EmbeddedPostgresOptions } from './start.js';

let dir: Awaited<ReturnType<typeof tempDir>>;
let engine: EmbeddedPostgres | undefined;
const pools: pg.Pool[] = [];

beforeEach(async () => {
  dir = await tempDir("tf embedded's ");
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
  await engine?.stop();
  await dir.remove();
});

async function start(more: Partial<EmbeddedPostgresOptions> = {}) {
  engine = await startEmbeddedPostgres({ dataDir: dir.path, logger: recordingLogger(), ...more });
  return { engine, owner: poolOf(engine.ownerUrl), app: poolOf(engine.appUrl) };
}

function poolOf(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url });
  pool.on('error', () => undefined); // a killed server ends idle connections
  pools.push(pool);
  return pool;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ended, or ended and only waiting to be collected. */
async function isGone(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return true;
  return / [ZX] /.test((await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ' X ')).slice(0, 64));
}

describe('roles', () => {
  it('are an owner and an application, neither of them a superuser', async () => {
    const { app } = await start();
    const { rows } = await app.query(
      `SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, pg_get_userbyid(d.datdba) = rolname AS owns
       FROM pg_roles, pg_database d WHERE datname = 'telemetryflow' AND rolname LIKE 'telemetryflow%' ORDER BY rolname`,
    );
    const powerless = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false };
    expect(rows).toEqual([
      { rolname: 'telemetryflow_app', ...powerless, owns: false },
      { rolname: 'telemetryflow_owner', ...powerless, owns: true },
    ]);
  });

  it('are bitten by row-level security', async () => {
    const { owner, app } = await start();
    await owner.query(`CREATE TABLE notes (id bigserial PRIMARY KEY, tenant text NOT NULL, body text);
      ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own ON notes USING (tenant = current_setting('app.tenant', true));`);
    const as = async (tenant: string, sql: string) => {
      const client = await app.connect();
      try {
        await client.query('BEGIN');
        await client.query("SELECT set_config('app.tenant', $1, true)", [tenant]);
        const { rows } = await client.query(sql);
        await client.query('COMMIT');
        return rows;
      } finally {
        await client.query('ROLLBACK');
        client.release();
      }
    };
    await as('a', "INSERT INTO notes (tenant, body) VALUES ('a', 'mine')"); // the sequence is usable too
    expect(await as('a', 'SELECT body FROM notes')).toEqual([{ body: 'mine' }]);
    expect(await as('b', 'SELECT body FROM notes')).toEqual([]);
    await expect(as('b', "INSERT INTO notes (tenant) VALUES ('a')")).rejects.toThrow('row-level security');
    await expect(app.query('ALTER TABLE notes DISABLE ROW LEVEL SECURITY')).rejects.toThrow('must be owner');
    await expect(app.query('CREATE TABLE mine (id int)')).rejects.toThrow('permission denied');
  });

  it('need their password, and others do not get in', async () => {
    const { engine } = await start();
    for (const edit of [(url: URL) => (url.password = 'wrong'), (url: URL) => (url.username = 'postgres')]) {
      const url = new URL(engine.appUrl);
      edit(url);
      await expect(poolOf(url.href).query('SELECT 1')).rejects.toThrow('password authentication failed');
    }
    expect((await stat(join(dir.path, 'postgres', 'passwords.json'))).mode & 0o777).toBe(0o600);
  });

  it('get new passwords when the file with them is lost', async () => {
    const { engine, owner } = await start();
    await owner.query('CREATE TABLE kept (id int)');
    await engine.stop();
    await rm(join(dir.path, 'postgres', 'passwords.json'));
    const again = await start();
    expect(again.engine.appUrl.split('@')[0]).not.toBe(engine.appUrl.split('@')[0]);
    expect((await again.app.query('SELECT count(*)::int AS n FROM kept')).rows).toEqual([{ n: 0 }]);
  });
});

describe('recovery', () => {
  it('comes back from kill −9 under load with every committed row', async () => {
    const { engine, owner, app } = await start();
    await owner.query('CREATE TABLE rows (n int PRIMARY KEY)');
    const committed: number[] = [];
    let next = 0;
    let stop = false;
    const writer = async () => {
      while (!stop) {
        const n = next++;
        try {
          await app.query('INSERT INTO rows VALUES ($1)', [n]);
          committed.push(n);
        } catch {
          await engine.whenReady();
        }
      }
    };
    const writers = [writer(), writer(), writer(), writer()];
    for (let kill = 1; kill <= 3; kill++) {
      const before = committed.length;
      await eventually('some commits', () => committed.length > before + 100);
      const { pid } = engine;
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
      await eventually('a restart', () => engine.restarts === kill);
      await engine.whenReady();
    }
    stop = true;
    await Promise.all(writers);
    const { rows } = await app.query<{ n: number }>('SELECT n FROM rows');
    const there = new Set(rows.map((row) => row.n));
    expect(committed.filter((n) => !there.has(n))).toEqual([]);
  }, 60_000);

  it('ends with a server that is killed, and the next start works', async () => {
    const script = spawnScript(
      `const logger = { debug() {}, info() {}, warn() {}, error: (o, m) => console.error(m) };
       const engine = await embedded.startEmbeddedPostgres({ dataDir: process.argv[1], logger });
       process.send(engine.pid);`,
      [dir.path],
    );
    const pid = (await script.message) as number;
    script.child.kill('SIGKILL');
    await eventually('the guard has stopped it', () => isGone(pid), 10_000);
    const { app } = await start();
    expect((await app.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('stops a live PostgreSQL that outlived its server and guard', async () => {
    await (await start()).engine.stop();
    const data = join(dir.path, 'postgres', 'data');
    const { postgres } = await findBinaries();
    const as = await chooseRunAs(postgres, data);
    const { program, args } = as.command(postgres, [
      '-D',
      data,
      '-p',
      String(await freePort()),
      '-c',
      'unix_socket_directories=',
    ]);
    const orphan = spawn(program, [...args], { stdio: 'ignore', env: postgresEnv() });
    await eventually('it runs', async () =>
      (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).includes('ready'),
    );
    const { app } = await start();
    expect(orphan.exitCode).toBe(0); // a fast shutdown, not a kill
    expect((await app.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  it('removes a lock file that names a process which is no PostgreSQL, and leaves that alone', async () => {
    await (await start()).engine.stop();
    const innocent = spawn('sleep', ['60']);
    await writeFile(join(dir.path, 'postgres', 'data', 'postmaster.pid'), `${innocent.pid}\n${dir.path}\n`);
    const { app } = await start();
    expect((await app.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(innocent.exitCode === null && innocent.signalCode === null).toBe(true);
    innocent.kill();
  });

  it('starts over when it was killed while it was initialised', async () => {
    await mkdir(join(dir.path, 'postgres', 'data.new', 'half'), { recursive: true });
    const { app } = await start();
    expect((await app.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect(await readdir(join(dir.path, 'postgres'))).toEqual(['data', 'passwords.json']);
  });
});

/** Whether every user may enter the folder. */
function isOpenToAll(path: string): boolean {
  return (statSync(path).mode & 0o001) !== 0 && (path === dirname(path) || isOpenToAll(dirname(path)));
}

describe('surroundings', () => {
  it('may be a path that is too long for a socket', async () => {
    const long = join(dir.path, ...Array.from({ length: 6 }, (_, i) => `${'folder '.repeat(6)}${i}`));
    const { app } = await start({ dataDir: long });
    expect((await app.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await engine?.stop();
  });

  // Only root has to run it as somebody else, who must be able to reach the binaries: not in a folder of root's alone.
  if (process.getuid?.() === 0 && isOpenToAll(import.meta.dirname))
    it('may refuse user namespaces: another user runs it then', async () => {
      const open = await tempDir();
      await chmod(open.path, 0o755);
      const { engine, app } = await start({ dataDir: open.path, runAs: OTHER_USER });
      expect((await app.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
      expect((await stat(`/proc/${engine.pid}`)).uid).toBe(65_534);
      await engine.stop();
      await open.remove();
    });

  it('leaves no process behind when stopped, also with sessions open', async () => {
    const { engine, app } = await start();
    await app.query('SELECT 1');
    const { pid } = engine;
    await engine.stop();
    await engine.stop();
    expect(engine.state).toBe('stopped');
    expect(pid !== undefined && (await isGone(pid))).toBe(true);
  });

  it('says that its folder cannot be written', async () => {
    await expect(start({ dataDir: '/dev/null/data' })).rejects.toMatchObject({ code: 'DATA_DIR_UNWRITABLE' });
  });
});
