import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient, type ClickHouseClient, type ClickHouseClientConfigOptions } from '@clickhouse/client';
import type { EmbeddedClickHouse, EngineLogger } from '../types.js';

export interface LogLine {
  readonly level: keyof EngineLogger;
  readonly msg: string;
}

/** A logger that remembers. */
export function recordingLogger(): EngineLogger & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: keyof EngineLogger) => (_: object, msg: string) => void lines.push({ level, msg });
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A new folder under the system's temporary one, and how to remove it. */
export async function tempDir(name = 'tf-embedded-'): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), name));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Waits until `condition` holds; throws with `what` after `timeoutMs`. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(5);
  }
}

export function clientOf(engine: EmbeddedClickHouse, more: ClickHouseClientConfigOptions = {}): ClickHouseClient {
  return createClient({
    url: engine.url,
    username: engine.username,
    password: engine.password,
    log: { LoggerClass: SilentLogger },
    ...more,
  });
}

class SilentLogger {
  trace(): void {}
  debug(): void {}
  info(): void {}
  warn(): void {}
  error(): void {}
}

export async function rows<T>(client: ClickHouseClient, query: string, params?: Record<string, unknown>): Promise<T[]> {
  const result = await client.query({ query, format: 'JSONEachRow', ...(params && { query_params: params }) });
  return result.json<T>();
}

/** One number; ClickHouse sends 64-bit integers as strings. */
export async function number(client: ClickHouseClient, query: string): Promise<number> {
  const [row] = await rows<Record<string, unknown>>(client, query);
  return Number(Object.values(row ?? {})[0]);
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** A request as it is, for what the client hides. */
export function rawRequest(
  engine: EmbeddedClickHouse,
  path: string,
  { method = 'GET', headers = {}, body }: RawRequest = {},
): Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const req = request(`${engine.url}${path}`, { method, headers }, (res) => {
      const parts: Buffer[] = [];
      res.on('data', (chunk: Buffer) => parts.push(chunk));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(parts) }));
    });
    req.on('error', reject);
    req.end(body);
  });
}

/** The headers that authenticate a raw request. */
export const credentials = (engine: EmbeddedClickHouse) => ({
  'X-ClickHouse-User': engine.username,
  'X-ClickHouse-Key': engine.password,
});

const SOURCE_HOOK = `import { registerHooks } from 'node:module';
registerHooks({ resolve: (s, c, next) => next(s.startsWith('.') && s.endsWith('.js') && c.parentURL?.endsWith('.ts') ? s.slice(0, -3) + '.ts' : s, c) });`;

/** Runs a module of this package, given as source text, in a process of its own; its messages come over IPC. */
export function spawnScript(
  source: string,
  args: readonly string[] = [],
): { child: ChildProcess; message: Promise<unknown>; stderr: () => string } {
  const base = new URL('../index.ts', import.meta.url).href;
  const code = `import * as embedded from ${JSON.stringify(base)};\n${source}`;
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--import',
      `data:text/javascript,${encodeURIComponent(SOURCE_HOOK)}`,
      '--input-type=module',
      '-e',
      code,
      '--',
      ...args,
    ],
    { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  );
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const message = new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code, signal) => reject(new Error(`script ended (${signal ?? code}): ${stderr}`)));
  });
  return { child, message, stderr: () => stderr };
}
