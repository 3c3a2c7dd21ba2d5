/**
 * The engine process. It runs chDB on its main thread: in a worker thread chDB crashes. Configuration
 * comes over IPC; when the IPC channel closes, the server is gone and this process ends too.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { defaultSettings, engineConfig } from './config.js';
import { ChdbEngine } from './engine.js';
import { createHttpServer } from './http-server.js';
import { sign } from './orphan.js';
import type { ChildMessage, ParentMessage, StartMessage } from './protocol.js';
import { spoolDirOf } from './spool.js';
import { StatementRunner } from './statement-runner.js';

const STOP_GRACE_MS = 10_000;
const ORPHAN_GRACE_MS = 2_000;

let engine: ChdbEngine | undefined;
let server: Server | undefined;
let spool: string | undefined;
let ending = false;

process.title = 'telemetryflow-clickhouse';
// Bodies pass through as buffers: without this every 64 MiB of them would mark the whole heap.
setFlagsFromString('--external-memory-accounted-in-global-limit');
process.on('message', (message: ParentMessage) => {
  if (message.type === 'start') {
    start(message).catch((error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    });
  } else {
    void end(STOP_GRACE_MS);
  }
});
process.on('disconnect', () => void endOrphaned());
process.on('SIGTERM', () => void end(STOP_GRACE_MS));
process.on('SIGINT', () => void end(STOP_GRACE_MS));

async function start(options: StartMessage): Promise<void> {
  mkdirSync(options.dir, { recursive: true });
  spool = makeSpoolDir(options.dir);
  const configFile = join(options.dir, 'config.xml');
  writeFileSync(configFile, engineConfig(options.memoryLimitBytes));
  await sign(options.dir);
  engine = new ChdbEngine(join(options.dir, 'store'), options.concurrency);
  await engine.open(configFile);
  const defaults = defaultSettings(options.memoryLimitBytes);
  const listening = createHttpServer(new StatementRunner({ engine, spoolDir: spool, defaults }), options);
  server = listening;
  await new Promise<void>((resolve, reject) => {
    listening.once('error', reject);
    listening.listen({ port: options.port, host: '127.0.0.1', backlog: 1024 }, resolve);
  });
  tell({ type: 'ready' });
}

/** An empty folder for temporary files. */
function makeSpoolDir(dir: string): string {
  const own = spoolDirOf(dir);
  if (own === undefined) return mkdtempSync(join(tmpdir(), 'telemetryflow-spool-'));
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own, { recursive: true, mode: 0o700 });
  return own;
}

async function end(graceMs: number): Promise<void> {
  if (ending) return;
  ending = true;
  server?.close();
  server?.closeIdleConnections();
  await engine?.close(graceMs);
  if (spool !== undefined) rmSync(spool, { recursive: true, force: true });
  process.exit(0);
}

/**
 * The server is gone, and nobody would notice an end that hangs: chDB's own shutdown sometimes waits for its threads for
 * ever, with the folder locked. What runs may finish; then a kill costs nothing that a crash would not.
 */
async function endOrphaned(): Promise<void> {
  if (ending) return;
  ending = true;
  server?.close();
  await engine?.settled(ORPHAN_GRACE_MS);
  if (spool !== undefined) rmSync(spool, { recursive: true, force: true });
  process.kill(process.pid, 'SIGKILL');
}

function tell(message: ChildMessage): void {
  process.send?.(message);
}
