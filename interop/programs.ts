/** The programs that `npm run interop` has prepared, and how they are run. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface Program {
  readonly command?: string;
  readonly args?: readonly string[];
  /** Folder that a snippet runs in, what comes first on its PATH, and what its environment has besides. */
  readonly cwd?: string;
  readonly path?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const file = process.env['INTEROP_READY'] ?? '';
/** By name; what could not be had is not in here. */
export const ready: Readonly<Record<string, Program>> = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Program>)
  : {};

export interface Finished {
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS = 170_000;

/** Resolves when the child has ended with 0; rejects with everything it said otherwise. */
export function untilDone(child: ChildProcess): Promise<Finished> {
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve({ stdout, stderr });
      else reject(new Error(`ended with ${signal ?? code}:\n${stdout}\n${stderr}`));
    });
  });
}

/** Runs a prepared program to its end. */
export function runProgram(name: string, env: Record<string, string>): Promise<Finished> {
  const { command = '', args = [] } = ready[name]!;
  return untilDone(spawn(command, args, { env: { ...process.env, ...env }, timeout: TIMEOUT_MS }));
}

/** Runs lines of a shell in a snippet's folder to their end, as a person would paste them. */
export function runShell(name: string, script: string): Promise<Finished> {
  return untilDone(startShell(name, script));
}

/** Starts lines of a shell in a snippet's folder; `exec` makes the last of them the process itself. */
export function startShell(name: string, script: string): ChildProcess {
  const { cwd = '.', path, env = {} } = ready[name]!;
  const PATH = path === undefined ? process.env['PATH'] : `${path}:${process.env['PATH']}`;
  return spawn('sh', ['-ec', script], { cwd, env: { ...process.env, ...env, PATH }, timeout: TIMEOUT_MS });
}
