/** The server as users run it, for a benchmark: own data folder, free ports, and what its processes cost. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const TICKS_PER_SECOND = 100;

/** Starts the server on `dataDir` (or a new folder); resolves once it is ready. */
export async function startPlatform(dataDir = mkdtempSync(join(tmpdir(), 'telemetryflow-bench-'))) {
  const child = spawn(process.execPath, [join(repository, 'backend', 'dist', 'main.js')], {
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: '0',
      OTLP_HTTP_PORT: '0',
      OTLP_GRPC_PORT: '0',
      NODE_ENV: 'development',
      LOG_LEVEL: 'warn',
      THROTTLE_LIMIT: '1000000',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ready = await new Promise((resolve, reject) => {
    child.on('message', (message) => message.type === 'ready' && resolve(message));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it was ready`)));
  });
  const { keyId, keySecret } = JSON.parse(readFileSync(join(dataDir, 'secrets', 'development-key.json'), 'utf8'));
  return {
    ...ready,
    dataDir,
    keyHeaders: { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret },
    usage: () => usageOfTree(child.pid),
    async stop({ keep = false } = {}) {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
      if (!keep) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return [
          {
            pid: Number(pid),
            ppid: Number(fields[1]),
            cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
            rssBytes: Number(fields[21]) * 4096,
          },
        ];
      } catch {
        return [];
      }
    });
}

/** CPU seconds used so far and resident memory of a process and everything below it (Linux). */
export function usageOfTree(pid) {
  const all = processes();
  const tree = new Set([pid]);
  for (let grew = true; grew;) {
    grew = false;
    for (const p of all) {
      if (!tree.has(p.pid) && tree.has(p.ppid)) {
        tree.add(p.pid);
        grew = true;
      }
    }
  }
  const mine = all.filter((p) => tree.has(p.pid));
  const sum = (key) => mine.reduce((total, p) => total + p[key], 0);
  return { cpuSeconds: sum('cpuSeconds'), rssBytes: sum('rssBytes') };
}

/** Bytes of all files below a folder. */
export function folderBytes(folder) {
  let total = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) total += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return total;
}

export function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
