import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataDirError, lockDataDir } from '@telemetryflow/embedded';
import { ConfigError, type Config } from '../shared/platform/index.js';

interface DataDirLock {
  release(): Promise<void>;
}

const REMEDIES: Readonly<Record<DataDirError['code'], string>> = {
  DATA_DIR_IN_USE: 'Stop the platform that runs there, or set DATA_DIR to another folder.',
  DATA_DIR_UNWRITABLE: 'Set DATA_DIR to a folder that this user may write to.',
};

/**
 * Makes DATA_DIR and takes its lock, so that no second platform works in it.
 *
 * @throws ConfigError when it can't be written or is in use
 */
export async function claimDataDir(config: Config): Promise<{ dataDir: string; lock: DataDirLock }> {
  const dataDir = resolve(config.DATA_DIR);
  try {
    return { dataDir, lock: await lockDataDir(dataDir) };
  } catch (error) {
    if (!(error instanceof DataDirError)) throw error;
    throw new ConfigError([`DATA_DIR: ${error.message} ${REMEDIES[error.code]}`]);
  }
}

/** The configured secret, or one that is generated once and kept for the owner's eyes in DATA_DIR/secrets. */
export async function settleSecret(configured: string, dataDir: string, name: string): Promise<string> {
  if (configured !== '') return configured;
  const directory = join(dataDir, 'secrets');
  const file = join(directory, name);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const kept = await readIfThere(file);
  if (kept.length >= 32) return kept;
  const secret = randomBytes(32).toString('hex');
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
  return secret;
}

async function readIfThere(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (reasonOf(error) === 'ENOENT') return '';
    throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
