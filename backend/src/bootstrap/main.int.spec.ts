import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

class ServerProcess {
  output = '';
  readonly ended: Promise<Ended>;
  readonly ready: Promise<{ url: string; otlpHttpUrl: string }>;

  constructor(readonly child: ChildProcess) {
    child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    // Not 'close': Node does not emit it once the parent has disconnected the channel.
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const drained = [child.stdout, child.stderr].map(
      (stream) => new Promise((resolve) => stream?.once('end', resolve)),
    );
    this.ended = Promise.all([exited, ...drained]).then(([code]) => ({ code, output: this.output }));
    this.ready = new Promise((resolve, reject) => {
      child.on('message', (message: { type: string; url: string; otlpHttpUrl: string }) => {
        if (message.type === 'ready') resolve(message);
      });
      child.once('exit', (code) => reject(new Error(`ended with ${code}\n${this.output}`)));
    });
    this.ready.catch(() => undefined);
  }
}

describe('the server process', () => {
  let dataDir: string;
  let started: ServerProcess[];
  let taken: Server | undefined;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'telemetryflow main '));
    started = [];
  });

  afterEach(async () => {
    for (const { child, ended } of started) {
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
    }
    taken?.close();
    taken = undefined;
    await rm(dataDir, { recursive: true, force: true });
  });

  function run(env: Record<string, string> = {}): ServerProcess {
    const child = spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        OTLP_HTTP_PORT: '0',
        OTLP_GRPC_PORT: '0',
        DATA_DIR: dataDir,
        LOG_LEVEL: 'warn',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const server = new ServerProcess(child);
    started.push(server);
    return server;
  }

  async function takePort(): Promise<number> {
    const server = createServer();
    taken = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  it.each(['PORT', 'OTLP_HTTP_PORT', 'OTLP_GRPC_PORT'])('refuses a taken %s with one sentence', async (variable) => {
    const port = await takePort();
    const { code, output } = await run({ [variable]: String(port) }).ended;
    expect(code).toBe(78);
    expect(output).toBe(
      `telemetryflow: ${variable} is ${port}, which another program on 127.0.0.1 already uses. Stop that program or set ${variable} to a free port.\n`,
    );
    await expect(stat(join(dataDir, 'clickhouse'))).rejects.toThrow('ENOENT');
  });

  it('refuses a DATA_DIR that can’t be a folder', async () => {
    const file = join(dataDir, 'file');
    await writeFile(file, '');
    const { code, output } = await run({ DATA_DIR: join(file, 'data') }).ended;
    expect(code).toBe(78);
    expect(output).toMatch(/^telemetryflow: DATA_DIR: .*cannot be written \(ENOTDIR\)\. Set DATA_DIR to a folder/);
  });

  it('reports every bad variable at once', async () => {
    const { code, output } = await run({ PORT: 'abc', LOG_LEVEL: 'loud', JWT_SECRET: 'short' }).ended;
    expect(code).toBe(78);
    expect(
      output
        .trim()
        .split('\n')
        .map((line) => /^telemetryflow: (\w+)/.exec(line)?.[1]),
    ).toEqual(['PORT', 'LOG_LEVEL', 'JWT_SECRET']);
    expect(output).not.toContain('short"');
  });

  it('serves, refuses a second server in the same folder, and stops in order without leaving a process', async () => {
    const first = run();
    const ready = await first.ready;
    // The store's password is told to whoever asks for it, and to nobody else.
    expect(Object.keys(ready).sort()).toEqual(['otlpGrpcUrl', 'otlpHttpUrl', 'startedInMs', 'type', 'url']);
    const { url } = ready;
    const health = (await (await fetch(`${url}/health/ready`)).json()) as { status: string; dependencies: object };
    expect(health.status).toBe('ok');
    expect(Object.keys(health.dependencies).sort()).toEqual([
      'canary',
      'clickhouse',
      'ingest',
      'nats',
      'postgres',
      'queue',
      'redis',
    ]);
    expect(first.output).toMatch(/export OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/localhost:\d+\n/);
    expect(first.output).toMatch(
      /OTEL_EXPORTER_OTLP_HEADERS=x-api-key-id=tfk-[0-9a-f]{32},x-api-key-secret=tfs-[0-9a-f]{64}\n/,
    );

    const second = await run().ended;
    expect(second.code).toBe(78);
    expect(second.output).toMatch(
      /^telemetryflow: DATA_DIR: .* is in use by process \d+\. Stop the platform that runs there/,
    );

    const engines = await childrenOf(first.child.pid ?? 0);
    expect(engines.length).toBeGreaterThanOrEqual(2);
    first.child.kill('SIGTERM');
    expect((await first.ended).code).toBe(0);
    for (const pid of engines) expect(await isAlive(pid)).toBe(false);
    await expect(stat(join(dataDir, 'server.lock'))).rejects.toThrow('ENOENT');
    expect((await stat(join(dataDir, 'secrets', 'jwt-secret'))).mode & 0o777).toBe(0o600);
  }, 120_000);

  it('stops in order when its launcher is gone', async () => {
    const server = run();
    await server.ready;
    server.child.disconnect();
    expect((await server.ended).code).toBe(0);
  }, 120_000);

  it('stops in order when told to while it is starting', async () => {
    const server = run({ LOG_LEVEL: 'info' });
    await new Promise<void>((resolve) => {
      server.child.stdout?.on('data', () => {
        if (server.output.includes('clickhouse is ready')) resolve();
      });
    });
    server.child.kill('SIGINT');
    expect((await server.ended).code).toBe(0);
    await expect(stat(join(dataDir, 'server.lock'))).rejects.toThrow('ENOENT');
  }, 120_000);
});

/** Ids of the processes whose parent is `pid`. */
async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').filter(Boolean).map(Number);
}

async function isAlive(pid: number): Promise<boolean> {
  return stat(`/proc/${pid}`).then(
    () => true,
    () => false,
  );
}
