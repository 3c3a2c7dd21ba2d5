/**
 * What every command needs before it can run anything of ours: the repository's root, the locked packages, the pinned
 * runtime. Plain Node 20, no dependency, because it runs before anything is installed.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const binFolder = join(root, 'node_modules', '.bin');
const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Exit code for "the configuration or the machine is at fault, a restart won't help" (sysexits.h EX_CONFIG). */
export const EXIT_CONFIG = 78;

/** Ends the command with one sentence. */
export function fail(message, code = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {};
  } catch {
    return undefined;
  }
}

/** Whether every locked package is on disk in its locked version (packages for other platforms aside). */
function isInstalled() {
  const locked = readLock(join(root, 'package-lock.json'));
  const present = readLock(join(root, 'node_modules', '.package-lock.json'));
  if (!locked || !present) return false;
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '' || entry.link || !path.includes('node_modules/') || entry.optional || entry.devOptional)
      return true;
    return present[path]?.version === entry.version && existsSync(join(root, path, 'package.json'));
  });
}

function pinnedNodeWorks() {
  return existsSync(pinnedNode) && spawnSync(pinnedNode, ['--version']).status === 0;
}

/** Runs npm as the one that called us, else the one on the PATH. */
function npm(args, options = {}) {
  const viaNode = process.env.npm_execpath;
  const [command, prefix] = viaNode ? [process.execPath, [viaNode]] : ['npm', []];
  return spawnSync(command, [...prefix, ...args], { cwd: root, stdio: 'inherit', ...options });
}

/** Installs what the lockfile says, if it is not there yet. */
export function ensureInstalled() {
  if (isInstalled() && (pinnedNodeWorks() || Number(process.versions.node.split('.')[0]) >= 24)) return;
  process.stdout.write('Installing the locked packages …\n');
  const { status, error } = npm(['ci', '--loglevel=error', '--no-audit', '--no-fund']);
  if (error || status !== 0) {
    fail(
      `npm ci failed${error ? `: ${error.message}` : ''}. Check that the npm registry can be reached, then run the command again.`,
    );
  }
  if (!pinnedNodeWorks() && Number(process.versions.node.split('.')[0]) < 24) {
    // Newer npm versions hold back install scripts; this one unpacks the pinned runtime from the registry.
    npm(['rebuild', 'node', '--foreground-scripts', '--loglevel=error']);
  }
}

/** Path of the pinned Node 24 (or the running one, when that is recent enough and the pinned one is missing). */
export function runtime() {
  if (pinnedNodeWorks()) return pinnedNode;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(
    `The pinned Node runtime is missing and this is Node ${process.versions.node}. Delete node_modules and run the command again, or run it with Node 24.`,
    EXIT_CONFIG,
  );
}

/** Environment in which `node` and the workspace's tools are the locked ones. */
export function toolEnvironment(extra = {}) {
  const pathKey = Object.keys(process.env).find((k) => k.toUpperCase() === 'PATH') ?? 'PATH';
  const path = [dirname(runtime()), binFolder, process.env[pathKey] ?? ''].join(delimiter);
  // Password hashing may hold three threads of libuv's pool, which file syncs use too.
  return { UV_THREADPOOL_SIZE: '8', ...process.env, ...extra, [pathKey]: path };
}

/** Runs `node <script> …args` with the pinned runtime; resolves with exit code and collected output. */
export function runTool(script, args, { cwd = root, env = {}, quiet = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(runtime(), [join(root, script), ...args], {
      cwd,
      env: toolEnvironment(env),
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Removes build output whose sources are gone along with their stamps. */
export function removeAll(paths) {
  for (const path of paths) rmSync(join(root, path), { recursive: true, force: true });
}
