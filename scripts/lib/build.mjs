/**
 * Builds what is stale. Staleness is a hash over the inputs' names and contents, kept beside the output. A build that fails
 * leaves the last good output where it is.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fail, removeAll, root, runTool } from './workspace.mjs';

const typescript = 'node_modules/typescript/bin/tsc';
const compiled = ['packages/contracts', 'packages/otlp', 'packages/embedded', 'backend'];

const targets = [
  {
    name: 'server',
    inputs: [
      'package-lock.json',
      'tsconfig.json',
      'tsconfig.base.json',
      'packages',
      'backend/src',
      'backend/tsconfig.json',
      'backend/package.json',
    ],
    outputs: compiled.map((folder) => `${folder}/dist`),
    run() {
      // The compiler believes its own notes, also when the output they speak of is gone.
      if (compiled.some((folder) => !existsSync(join(root, folder, 'dist')))) {
        removeAll(compiled.map((folder) => `${folder}/tsconfig.tsbuildinfo`));
      }
      return runTool(typescript, ['-b'], { quiet: true });
    },
    tidy: () => compiled.forEach(removeOrphans),
  },
  {
    name: 'user interface',
    inputs: ['package-lock.json', 'packages/contracts/src', 'packages/contracts/package.json', 'frontend'],
    outputs: ['frontend/dist/index.html'],
    run: () =>
      runTool('node_modules/vite/bin/vite.js', ['build', '--logLevel', 'warn'], {
        cwd: join(root, 'frontend'),
        quiet: true,
      }),
  },
];

const ignored = new Set(['node_modules', 'dist', 'coverage', 'bench', 'testing']);

function* files(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  if (stat.isFile()) {
    if (!path.endsWith('.tsbuildinfo') && !path.endsWith('.spec.ts')) yield [path, stat];
    return;
  }
  for (const entry of readdirSync(path).sort()) {
    if (!ignored.has(entry)) yield* files(join(path, entry));
  }
}

function fingerprint(inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const [path] of files(join(root, input)))
      hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

/** Removes what the compiler wrote for source files that are no longer there. */
function removeOrphans(folder) {
  const dist = join(root, folder, 'dist');
  for (const file of readdirSync(dist, { recursive: true })) {
    const source = file.replace(/(?:\.d)?\.ts(?:\.map)?$|\.js(?:\.map)?$/, '.ts');
    if (source !== file && !existsSync(join(root, folder, 'src', source))) rmSync(join(dist, file));
  }
}

const stampOf = (target) => join(root, '.build', `${target.name.replaceAll(' ', '-')}.stamp`);

function isFresh(target, print) {
  const stamp = stampOf(target);
  return (
    existsSync(stamp) && readFileSync(stamp, 'utf8') === print && target.outputs.every((o) => existsSync(join(root, o)))
  );
}

/** Builds every stale target; ends the process with the compiler's words when one fails. */
export async function ensureBuilt() {
  for (const target of targets) {
    const print = fingerprint(target.inputs);
    if (isFresh(target, print)) continue;
    process.stdout.write(`Building the ${target.name} …\n`);
    const { code, output } = await target.run();
    if (code !== 0) fail(`Building the ${target.name} failed:\n${output}`);
    target.tidy?.();
    mkdirSync(dirname(stampOf(target)), { recursive: true });
    writeFileSync(stampOf(target), print);
  }
}
