import { execFile } from 'node:child_process';
import { lchown, lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root; this says as whom to run its programs instead. */
export interface RunAs {
  /** How it is done, for the log. */
  readonly how: 'direct' | 'user-namespace' | 'other-user';
  /** The command line that runs `program` with `args`. */
  command(
    program: string,
    args: readonly string[],
  ): { program: string; args: readonly string[]; uid?: number; gid?: number };
  /** Makes a file, or a folder and all below it, belong to whom the programs run as. */
  own(path: string): Promise<void>;
}

/** uid of `nobody` where there is no better one; no file on a system should belong to it. */
const OTHER_UID = 65_534;

/**
 * Not root: as ourselves. Root: in a user namespace, where we are not root (and files stay ours); where
 * the kernel refuses that, as another user, to whom the folder then belongs.
 * Rejects with the reason when neither works.
 */
export async function chooseRunAs(program: string, dir: string): Promise<RunAs> {
  if (process.getuid?.() !== 0) return DIRECT;
  const refusal = await run('unshare', ['-U', program, '--version']).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message.trim() : String(error)),
  );
  if (refusal === undefined) return USER_NAMESPACE;
  const obstacle = await firstClosedFolder([program, dir], OTHER_UID);
  if (obstacle !== undefined) {
    throw new Error(
      `PostgreSQL does not run as root, user namespaces are refused here (${refusal}) and another user cannot ` +
        `enter ${obstacle}: start as an ordinary user, open that folder (chmod o+x), or set DATABASE_URL.`,
    );
  }
  return OTHER_USER;
}

const DIRECT: RunAs = { how: 'direct', command: (program, args) => ({ program, args }), own: async () => undefined };

const USER_NAMESPACE: RunAs = {
  how: 'user-namespace',
  command: (program, args) => ({ program: 'unshare', args: ['-U', program, ...args] }),
  own: async () => undefined,
};

export const OTHER_USER: RunAs = {
  how: 'other-user',
  command: (program, args) => ({ program, args, uid: OTHER_UID, gid: OTHER_UID }),
  own: (path) => chownAll(path, OTHER_UID),
};

async function chownAll(path: string, uid: number): Promise<void> {
  await lchown(path, uid, uid);
  if (!(await lstat(path)).isDirectory()) return;
  for (const name of await readdir(path)) await chownAll(join(path, name), uid);
}

/** The first folder above one of `paths` that user `uid` cannot pass through. */
async function firstClosedFolder(paths: readonly string[], uid: number): Promise<string | undefined> {
  for (const path of paths) {
    const above: string[] = [];
    for (let at = dirname(path); ; at = dirname(at)) {
      above.unshift(at);
      if (at === dirname(at)) break;
    }
    for (const folder of above) {
      const info = await stat(folder).catch(() => undefined);
      if (info !== undefined && info.uid !== uid && (info.mode & 0o001) === 0) return folder;
    }
  }
  return undefined;
}
