import { join } from 'node:path';
import type { FileHandover } from '../types.js';

/** Names the file of the spool folder that holds an insert's rows instead of the request's body. */
export const HANDED_FILE_HEADER = 'x-telemetryflow-body-file';

const HANDED_FILE = /^handed-[0-9a-f-]{36}$/;

/**
 * The engine's folder of temporary files; emptied when the engine starts. The engine reads glob characters in a path as a
 * pattern, so none may be in it: `undefined` then.
 */
export function spoolDirOf(dir: string): string | undefined {
  const own = join(dir, 'spool');
  return /[*?{}[\]'\\]/.test(own) ? undefined : own;
}

export function handoverOf(dir: string): FileHandover | undefined {
  const spoolDir = spoolDirOf(dir);
  return spoolDir === undefined ? undefined : { dir: spoolDir, header: HANDED_FILE_HEADER };
}

/** The path of a handed file; `undefined` for a name that is none, so that no request reaches out of the folder. */
export function handedFile(spoolDir: string, name: string): string | undefined {
  return HANDED_FILE.test(name) ? join(spoolDir, name) : undefined;
}
