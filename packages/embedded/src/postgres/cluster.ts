import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresBinaries } from './binaries.js';
import type { RunAs } from './run-as.js';

/** Passwords of the roles, kept in `passwords.json` with mode 0600. */
export interface Passwords {
  readonly superuser: string;
  readonly owner: string;
  readonly app: string;
}

export const DATABASE = 'telemetryflow';
export const OWNER_ROLE = 'telemetryflow_owner';
export const APP_ROLE = 'telemetryflow_app';
const SUPERUSER = 'postgres';

export interface Cluster {
  readonly dir: string;
  readonly passwords: Passwords;
}

/**
 * Makes sure that `<home>/data` is an initialised cluster with the database and both roles. A folder is
 * initialised beside its place and renamed when complete, so a kill −9 leaves nothing half-made.
 */
export async function ensureCluster(home: string, binaries: PostgresBinaries, as: RunAs): Promise<Cluster> {
  const dir = join(home, 'data');
  const kept = await readPasswords(home);
  const exists = await readFile(join(dir, 'PG_VERSION'), 'utf8').then(
    () => true,
    () => false,
  );
  if (exists && kept !== undefined) return { dir, passwords: kept };

  const passwords = kept ?? newPasswords();
  if (kept === undefined) await writePasswords(home, passwords);
  if (exists) {
    await applyRoles(dir, passwords, binaries, as); // the passwords were lost: set new ones
    return { dir, passwords };
  }
  const draft = join(home, 'data.new');
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { mode: 0o700 });
  const secret = join(home, '.superuser-password');
  await writeFile(secret, `${passwords.superuser}\n`, { mode: 0o600 });
  try {
    await as.own(draft);
    await as.own(secret);
    await runProgram(as, binaries.initdb, [
      '--pgdata',
      draft,
      '--username',
      SUPERUSER,
      '--auth',
      'scram-sha-256',
      '--pwfile',
      secret,
      '--encoding',
      'UTF8',
      '--locale-provider',
      'builtin',
      '--builtin-locale',
      'C.UTF-8',
      '--locale',
      'C',
      '--no-instructions',
    ]);
    await applyRoles(draft, passwords, binaries, as);
  } finally {
    await rm(secret, { force: true });
  }
  await rename(draft, dir);
  return { dir, passwords };
}

function newPasswords(): Passwords {
  const password = () => randomBytes(24).toString('hex');
  return { superuser: password(), owner: password(), app: password() };
}

const PASSWORD_FILE = 'passwords.json';

async function readPasswords(home: string): Promise<Passwords | undefined> {
  let text: string;
  try {
    text = await readFile(join(home, PASSWORD_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const { superuser, owner, app } = JSON.parse(text) as Partial<Passwords>;
  return superuser && owner && app ? { superuser, owner, app } : undefined;
}

async function writePasswords(home: string, passwords: Passwords): Promise<void> {
  const draft = join(home, `${PASSWORD_FILE}.new`);
  await writeFile(draft, JSON.stringify(passwords), { mode: 0o600 });
  await rename(draft, join(home, PASSWORD_FILE));
}

/**
 * Creates (or sets right) roles, database and default privileges through PostgreSQL's single-user mode,
 * before the server ever listens. One statement per line; passwords are hex, so they need no quoting.
 */
async function applyRoles(dir: string, passwords: Passwords, binaries: PostgresBinaries, as: RunAs): Promise<void> {
  const limits = 'NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';
  const role = (name: string, password: string) => [
    `DO $do$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') THEN CREATE ROLE ${name}; END IF; END $do$;`,
    `ALTER ROLE ${name} LOGIN ${limits} PASSWORD '${password}';`,
  ];
  await singleUser(dir, 'postgres', binaries, as, [
    `ALTER ROLE ${SUPERUSER} PASSWORD '${passwords.superuser}';`,
    ...role(OWNER_ROLE, passwords.owner),
    ...role(APP_ROLE, passwords.app),
  ]);
  const databases = await singleUser(dir, 'postgres', binaries, as, [
    `SELECT datname FROM pg_database WHERE datname = '${DATABASE}';`,
  ]);
  if (!databases.includes(`"${DATABASE}"`)) {
    await singleUser(dir, 'postgres', binaries, as, [`CREATE DATABASE ${DATABASE} OWNER ${OWNER_ROLE};`]);
  }
  await singleUser(dir, DATABASE, binaries, as, [
    `REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC;`,
    `GRANT CONNECT, TEMPORARY ON DATABASE ${DATABASE} TO ${APP_ROLE};`,
    `ALTER SCHEMA public OWNER TO ${OWNER_ROLE};`,
    `GRANT USAGE ON SCHEMA public TO ${APP_ROLE};`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${OWNER_ROLE} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO ${APP_ROLE};`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${OWNER_ROLE} GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO ${APP_ROLE};`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${OWNER_ROLE} GRANT USAGE ON SCHEMAS TO ${APP_ROLE};`,
  ]);
}

/** Runs statements in single-user mode; rejects when one of them fails. Resolves with what was printed. */
async function singleUser(
  dir: string,
  database: string,
  binaries: PostgresBinaries,
  as: RunAs,
  statements: readonly string[],
): Promise<string> {
  const args = [
    '--single',
    '-F',
    '-D',
    dir,
    '-c',
    'exit_on_error=on',
    '-c',
    'log_checkpoints=off',
    '-c',
    'log_min_messages=warning',
    database,
  ];
  return runProgram(as, binaries.postgres, args, `${statements.join('\n')}\n`);
}

/** Runs a program to its end with `input` on stdin. Rejects with its last lines when it fails. */
function runProgram(as: RunAs, path: string, programArgs: readonly string[], input = ''): Promise<string> {
  const { program, args, ...user } = as.command(path, programArgs);
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { ...user, env: postgresEnv(), cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdin.on('error', () => undefined); // the exit code tells
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(out);
      const words = (err || out).trim().split('\n').slice(-4).join(' | ');
      reject(new Error(`${path.split('/').at(-1)} failed (${signal ?? `exit code ${code}`}): ${words}`));
    });
    child.stdin.end(input);
  });
}

/** PostgreSQL takes settings from PG* variables; none of the caller's may reach it. */
export function postgresEnv(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(inherited), LC_ALL: 'C', TZ: 'UTC' };
}
