/** The server as users run it, for a benchmark: own data folder, free ports, and what its processes cost. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../', import.meta.url));
export const newDataDir = () => mkdtempSync(join(tmpdir(), 'telemetryflow-bench-'));

/**
 * Starts the server on `dataDir`; resolves once it is ready. With `profileDir` its threads write CPU profiles there when
 * it stops.
 */
export async function startPlatform(dataDir = newDataDir(), { profileDir } = {}) {
  const profiled = profileDir === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileDir}`];
  const started = performance.now();
  const child = spawn(process.execPath, [...profiled, join(repository, 'backend', 'dist', 'main.js')], {
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: '0',
      OTLP_HTTP_PORT: '0',
      OTLP_GRPC_PORT: '0',
      NODE_ENV: 'development',
      LOG_LEVEL: 'warn',
      THROTTLE_LIMIT: '1000000',
      THROTTLE_INGESTION_LIMIT: '0',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = await new Promise((resolve, reject) => {
    child.on('message', (message) => message.type === 'ready' && resolve(message));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
  });
  const { clickhouse } = await new Promise((resolve) => {
    child.on('message', (message) => message.type === 'store' && resolve(message));
    child.send('store');
  });
  const { keyId, keySecret } = JSON.parse(readFileSync(join(dataDir, 'secrets', 'development-key.json'), 'utf8'));
  return {
    ...ready,
    clickhouse,
    dataDir,
    keyHeaders: { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret },
    pid: child.pid,
    startedInMs: performance.now() - started,
    async stop({ keep = false } = {}) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
      if (!keep) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** NaN when there are no values. */
export function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
