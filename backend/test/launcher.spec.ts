/** `npm start` as a process tree: what it prints, who restarts whom, and that nothing stays behind. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { eventually, repository } from './support/platform.js';

interface Row {
  readonly pid: number;
  readonly ppid: number;
  readonly stat: string;
  readonly args: string;
}

function processTable(): Row[] {
  return execFileSync('ps', ['-eo', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, pid, ppid, stat = '', args = '']) => ({ pid: Number(pid), ppid: Number(ppid), stat, args }));
}

interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
}
const npmStart: Command = { command: 'npm', args: ['start'], cwd: repository };

class Launcher {
  readonly child: ChildProcess;
  output = '';

  constructor(
    readonly dataDir: string,
    env: Record<string, string> = {},
    // From another folder than the repository, as an absolute path would.
    { command, args, cwd }: Command = {
      command: process.execPath,
      args: [join(repository, 'scripts', 'start.mjs')],
      cwd: tmpdir(),
    },
  ) {
    this.child = spawn(command, [...args], {
      cwd,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        PORT: '0',
        OTLP_HTTP_PORT: '0',
        OTLP_GRPC_PORT: '0',
        DATA_DIR: dataDir,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    launchers.push(this);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Every address that was printed, one per (re)start. */
  get addresses(): string[] {
    return [...this.output.matchAll(/^ {2}Open\s+(http:\S+)$/gm)].map(([, url = '']) => url);
  }

  async ready(times = 1): Promise<string> {
    return eventually(
      `start number ${times}`,
      async () => {
        if (this.ended) throw new Error(`the launcher ended:\n${this.output}`);
        const url = this.addresses[times - 1];
        return url !== undefined && (await fetch(`${url}/health/ready`)).ok ? url : undefined;
      },
      60_000,
    );
  }

  exit(): Promise<number | null> {
    return this.ended
      ? Promise.resolve(this.child.exitCode)
      : new Promise((resolve) => this.child.once('exit', (code) => resolve(code)));
  }

  /** Everything it started that is alive now. */
  descendants(): Row[] {
    const table = processTable();
    const below = (pid: number): Row[] => table.filter((r) => r.ppid === pid).flatMap((r) => [r, ...below(r.pid)]);
    return below(this.pid).filter((r) => !r.stat.startsWith('Z'));
  }
}

const launchers: Launcher[] = [];
const folders: string[] = [];

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'telemetryflow launcher '));
  folders.push(dir);
  return dir;
}

const alive = (rows: readonly Row[]) => {
  const table = processTable();
  return rows
    .filter(({ pid, args }) => table.some((r) => r.pid === pid && r.args === args && !r.stat.startsWith('Z')))
    .map((r) => r.args);
};
const allGone = (rows: readonly Row[]) =>
  eventually('the end of every process', async () => (alive(rows).length === 0 ? true : undefined), 30_000);

afterEach(async () => {
  for (const launcher of launchers.splice(0)) {
    if (launcher.ended) continue;
    const started = launcher.descendants();
    launcher.child.kill('SIGTERM');
    await launcher.exit();
    // npm may end before what it runs.
    await allGone(started);
  }
  for (const dir of folders.splice(0)) await rm(dir, { recursive: true, force: true });
});

it('prints what to open and four lines to paste, and one Ctrl-C leaves nothing behind', async () => {
  const launcher = new Launcher(await folder());
  const url = await launcher.ready();
  expect(launcher.output.match(/^ +export OTEL_EXPORTER_OTLP_\w+=\S+$/gm)).toHaveLength(4);
  const [, keyId, keySecret] =
    /x-api-key-id=(tfk-[0-9a-f]{32}),x-api-key-secret=(tfs-[0-9a-f]{64})/.exec(launcher.output) ?? [];
  const valid = await fetch(`${url}/api/v2/api-keys/validate`, {
    headers: { 'x-api-key-id': keyId!, 'x-api-key-secret': keySecret! },
  });
  expect(await valid.json()).toMatchObject({ valid: true, keyId });
  const started = launcher.descendants();
  expect(started.length).toBeGreaterThanOrEqual(3);
  launcher.child.kill('SIGINT');
  expect(await launcher.exit()).toBe(0);
  await allGone(started);
});

it('brings a killed server back', async () => {
  const launcher = new Launcher(await folder());
  await launcher.ready();
  const server = launcher.descendants().find((r) => r.args.includes('main.js'));
  process.kill(server!.pid, 'SIGKILL');
  await launcher.ready(2);
  expect(launcher.descendants().map((r) => r.pid)).not.toContain(server!.pid);
});

it('is no obstacle to the next start after it was killed itself', async () => {
  const dir = await folder();
  const first = new Launcher(dir);
  await first.ready();
  const started = first.descendants();
  first.child.kill('SIGKILL');
  // At once, while the first one's server is still stopping.
  const second = new Launcher(dir);
  await second.ready();
  await allGone(started);
});

it('ends with an npm that was killed, and the next start finds nothing in its way', async () => {
  const dir = await folder();
  const first = new Launcher(dir, {}, npmStart);
  await first.ready();
  const started = first.descendants();
  expect(started.some((r) => r.args.includes('start.mjs'))).toBe(true);
  first.child.kill('SIGKILL');
  const second = new Launcher(dir, {}, npmStart);
  await second.ready();
  await allGone(started);
});

it('runs twice side by side with data folders of their own', async () => {
  const [one, other] = [new Launcher(await folder()), new Launcher(await folder())];
  const urls = await Promise.all([one.ready(), other.ready()]);
  expect(new Set(urls).size).toBe(2);
});

it('says which port is taken and what to do, and does not try again', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const { port } = blocker.address() as AddressInfo;
  const launcher = new Launcher(await folder(), { OTLP_GRPC_PORT: String(port) });
  expect(await launcher.exit()).toBe(78);
  expect(launcher.output).toMatch(new RegExp(`OTLP_GRPC_PORT.*${port}`));
  expect(launcher.descendants()).toEqual([]);
  blocker.close();
});
