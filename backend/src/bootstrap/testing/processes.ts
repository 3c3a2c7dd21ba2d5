import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface TestProcess {
  readonly url: string;
  /** Ends it as a crash would and starts it again, on the same port and folder. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** A real Redis on a free port; nothing is kept unless `settings` say so. */
export function startRedis(...settings: string[]): Promise<TestProcess> {
  return start('redis', (port, dir) => [
    'redis-server',
    ...['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', dir, ...settings],
  ]);
}

/** A real NATS with JetStream on a free port. */
export function startNats(): Promise<TestProcess> {
  return start('nats', (port, dir) => ['nats-server', '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', dir]);
}

async function start(scheme: string, commandOf: (port: number, dir: string) => string[]): Promise<TestProcess> {
  const dir = await mkdtemp(join(tmpdir(), `telemetryflow-${scheme}-`));
  const port = await freePort();
  const launch = () => launched(commandOf(port, dir), port);
  let child = await launch();
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    async crash() {
      await ended(child, 'SIGKILL');
      child = await launch();
    },
    async stop() {
      await ended(child, 'SIGTERM');
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function launched([command = '', ...args]: string[], port: number): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: 'ignore' });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}`)));
  });
  failed.catch(() => undefined);
  await Promise.race([untilListening(port), failed]);
  return child;
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await gone;
}
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (;;) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await delay(20);
  }
}
