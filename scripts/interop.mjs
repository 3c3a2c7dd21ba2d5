/**
 * `npm run interop`: sends with the SDKs of other languages and with the OpenTelemetry Collector, and compares what the
 * store holds. Installs and builds them under .build/interop where their package registries answer; what can't be had
 * is said by name and does not fail the run. Exit code 1 only when something that ran failed.
 *
 *   npm run interop [-- python go java collector snippets]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled, root, runTool } from './lib/workspace.mjs';

const cache = join(root, '.build', 'interop');
const sources = join(root, 'interop');
const INSTALL_TIMEOUT_MS = 15 * 60_000;
const AGENT_VERSION = '2.16.0';
const windows = process.platform === 'win32';

/** Why a program can't run here. */
class NotHere extends Error {}

/** Runs one step of an installation; its last words are the reason when it fails. */
function step(command, args, options = {}) {
  const { status, error, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: INSTALL_TIMEOUT_MS,
    ...options,
    env: { ...process.env, ...options.env },
  });
  if (error?.code === 'ENOENT') throw new NotHere(`${command} is not installed`);
  if (error) throw new NotHere(`${command} ${args[0]}: ${error.message}`);
  if (status === 0) return stdout;
  const words = `${stderr}\n${stdout}`.trim().split('\n').filter(Boolean).slice(-3).join(' ');
  throw new NotHere(`${[command, ...args].join(' ').slice(0, 120)} failed: ${words.slice(0, 400)}`);
}

/** A virtual environment with the packages, newest versions: what a user gets today. */
function virtualEnvironment(name, packages) {
  const home = join(cache, name);
  const bin = join(home, windows ? 'Scripts' : 'bin');
  if (!existsSync(join(bin, 'python')) && !existsSync(join(bin, 'python.exe'))) step('python3', ['-m', 'venv', home]);
  step(join(bin, 'python'), ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...packages]);
  return bin;
}

const goEnvironment = { GOMODCACHE: join(cache, 'go', 'mod'), GOCACHE: join(cache, 'go', 'cache'), CGO_ENABLED: '0' };

function goBuild(folder) {
  const binary = join(cache, folder, windows ? 'program.exe' : 'program');
  mkdirSync(join(cache, folder), { recursive: true });
  step('go', ['build', '-trimpath', '-o', binary, '.'], { cwd: join(sources, folder), env: goEnvironment });
  return binary;
}

const maven = (...args) =>
  step('mvn', ['-q', '-B', `-Dmaven.repo.local=${join(cache, 'java', 'repository')}`, ...args], {
    cwd: join(sources, 'java'),
  });

/** What each program needs, and how it is called afterwards; the keys are what the tests know them by. */
const programs = {
  python() {
    const bin = virtualEnvironment('python', ['opentelemetry-sdk', 'opentelemetry-exporter-otlp']);
    return { command: join(bin, 'python'), args: [join(sources, 'python', 'send.py')] };
  },
  go() {
    return { command: goBuild('go'), args: [] };
  },
  java() {
    step('java', ['-version']);
    maven('package');
    const target = join(cache, 'java', 'target');
    const path = [join(target, 'interop.jar'), join(target, 'dependency', '*')].join(windows ? ';' : ':');
    return { command: 'java', args: ['-cp', path, 'Interop'] };
  },
  collector() {
    return { command: goBuild('collector'), args: [] };
  },
};

/** What the product's "get started" page says, prepared as far as it says so. */
const snippets = {
  'python-snippet'() {
    const bin = virtualEnvironment('python-snippet', ['opentelemetry-distro', 'opentelemetry-exporter-otlp']);
    step(join(bin, 'opentelemetry-bootstrap'), ['-a', 'install'], { env: { PATH: `${bin}:${process.env.PATH}` } });
    return { cwd: join(sources, 'python'), path: bin };
  },
  'go-snippet'() {
    step('go', ['version']);
    const cwd = join(cache, 'go-snippet');
    mkdirSync(cwd, { recursive: true });
    writeFileSync(join(cwd, 'go.mod'), 'module example/hello\n\ngo 1.24\n');
    return { cwd, env: { ...goEnvironment, GOFLAGS: '-mod=mod' } };
  },
  'java-snippet'() {
    maven('package');
    const cwd = join(cache, 'java-snippet');
    mkdirSync(cwd, { recursive: true });
    // The page takes the agent from its GitHub releases; Maven Central has the same file.
    const agent = `io.opentelemetry.javaagent:opentelemetry-javaagent:${AGENT_VERSION}`;
    maven(
      'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy',
      `-Dartifact=${agent}`,
      `-DoutputDirectory=${cwd}`,
    );
    cpSync(join(cwd, `opentelemetry-javaagent-${AGENT_VERSION}.jar`), join(cwd, 'opentelemetry-javaagent.jar'));
    cpSync(join(cache, 'java', 'target', 'interop.jar'), join(cwd, 'app.jar'));
    return { cwd };
  },
  'collector-snippet'() {
    const cwd = join(cache, 'collector-snippet');
    mkdirSync(cwd, { recursive: true });
    cpSync(goBuild('collector'), join(cwd, 'otelcol-contrib'));
    return { cwd, path: cwd };
  },
};

const wanted = process.argv.slice(2);
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
const chosen = {
  ...Object.fromEntries(Object.entries(programs).filter(([name]) => isWanted(name))),
  ...(isWanted('snippets') ? snippets : {}),
};

ensureInstalled();
await ensureBuilt();
mkdirSync(cache, { recursive: true });

const ready = {};
const missing = [];
for (const [name, prepare] of Object.entries(chosen)) {
  process.stdout.write(`Preparing ${name} …\n`);
  try {
    ready[name] = prepare();
  } catch (error) {
    if (!(error instanceof NotHere)) throw error;
    missing.push([name, error.message]);
  }
}
writeFileSync(join(cache, 'ready.json'), JSON.stringify(ready, undefined, 2));

if (Object.keys(ready).length > 0) {
  const { code } = await runTool('node_modules/vitest/vitest.mjs', ['run', '--config', 'interop/vitest.config.ts'], {
    env: { INTEROP_READY: join(cache, 'ready.json') },
  });
  process.exitCode = code === 0 ? 0 : 1;
}
for (const [name, reason] of missing) process.stdout.write(`Not run: ${name}, because ${reason}\n`);
