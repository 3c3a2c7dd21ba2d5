import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { asDataDirError } from '../data-dir.js';
import { freePort } from '../supervisor/free-port.js';
import { spawnDetached, Supervisor } from '../supervisor/supervisor.js';
import type { EmbeddedPostgres, EngineLogger } from '../types.js';
import { findBinaries } from './binaries.js';
import { APP_ROLE, DATABASE, ensureCluster, OWNER_ROLE, postgresEnv } from './cluster.js';
import { guardPostmaster } from './guard.js';
import { clearTheWay } from './orphan.js';
import { answersStartup } from './probe.js';
import { chooseRunAs, type RunAs } from './run-as.js';
import { levelOfLine, serverSettings } from './settings.js';

export interface EmbeddedPostgresOptions {
  /** The server's data folder; PostgreSQL keeps its files in `postgres` below it. */
  readonly dataDir: string;
  readonly logger: EngineLogger;
  /** Port on 127.0.0.1; default a free one. */
  readonly port?: number;
  /** As whom the programs run; default what works here. */
  readonly runAs?: RunAs;
}

/**
 * Starts PostgreSQL on 127.0.0.1, initialising it on the first start. Resolves when it lets clients in.
 * Rejects with DataDirError when the folder cannot be written, else with the program's last words.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { logger } = options;
  const home = join(resolve(options.dataDir), 'postgres');
  await mkdir(home, { recursive: true, mode: 0o711 }).catch((error: unknown) => {
    throw asDataDirError(options.dataDir, error);
  });
  const binaries = await findBinaries();
  const as = options.runAs ?? (await chooseRunAs(binaries.postgres, join(home, 'data')));
  await clearTheWay(join(home, 'data'), logger);
  const { dir, passwords } = await ensureCluster(home, binaries, as);
  await as.own(dir);
  const port = options.port ?? (await freePort());
  const settings = Object.entries(serverSettings(port)).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

  const supervisor = new Supervisor(
    {
      name: 'postgres',
      prepare: () => clearTheWay(dir, logger),
      launch() {
        const { program, args, ...user } = as.command(binaries.postgres, ['-D', dir, ...settings]);
        const child = spawnDetached(program, args, { ...user, env: postgresEnv(), cwd: '/' });
        guardPostmaster(child, dir);
        return child;
      },
      async untilReady(_child, signal) {
        while (!(await answersStartup(port, APP_ROLE, DATABASE))) await delay(20, undefined, { signal });
      },
      askToStop: (child) => child.kill('SIGINT'), // fast shutdown: sessions are ended, data is written
      levelOf: levelOfLine,
    },
    { logger },
  );
  await supervisor.start();
  const url = (role: string, password: string) => `postgres://${role}:${password}@127.0.0.1:${port}/${DATABASE}`;
  return {
    name: 'postgres',
    ownerUrl: url(OWNER_ROLE, passwords.owner),
    appUrl: url(APP_ROLE, passwords.app),
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
