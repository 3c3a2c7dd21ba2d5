/**
 * `npm run demo`: the platform (unless one is already running on PORT) and a small shop that sends real telemetry to it.
 * DEMO_RATE, DEMO_OUTAGE_EVERY and DEMO_SECONDS are described in demo/src/main.ts.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { dataDir, serverAtTerminal, supervise } from './lib/supervise.mjs';
import { ensureInstalled, fail, root, runtime, toolEnvironment } from './lib/workspace.mjs';

async function isRunning() {
  try {
    const response = await fetch(`http://127.0.0.1:${process.env.PORT ?? 3100}/health/live`, {
      signal: AbortSignal.timeout(2000),
    });
    return response.ok;
  } catch {
    return false;
  }
}

/** Where the shop sends to and with which key: from the environment, else the platform's own development key. */
function shopEnvironment() {
  const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? `http://127.0.0.1:${process.env.OTLP_HTTP_PORT ?? 4318}`;
  if (process.env.OTEL_EXPORTER_OTLP_HEADERS) return { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
  const keyFile = join(dataDir, 'secrets', 'development-key.json');
  try {
    const { keyId, keySecret } = JSON.parse(readFileSync(keyFile, 'utf8'));
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key-id=${keyId},x-api-key-secret=${keySecret}`,
    };
  } catch {
    return fail(
      `No development key in ${keyFile}. Set OTEL_EXPORTER_OTLP_HEADERS=x-api-key-id=…,x-api-key-secret=… to the key the shop shall use.`,
      78,
    );
  }
}

function openShop() {
  return spawn(runtime(), [join(root, 'demo', 'src', 'main.ts')], {
    cwd: root,
    env: toolEnvironment(shopEnvironment()),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: process.platform !== 'win32',
  });
}

const closed = (shop) => new Promise((done) => (shop ? shop.once('exit', done) : done()));

ensureInstalled();
await ensureBuilt();

let shop;
if (await isRunning()) {
  shop = openShop();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => shop.kill('SIGTERM'));
  process.exitCode = await closed(shop);
} else {
  const platform = supervise({
    ...serverAtTerminal,
    onReady: () => {
      if (shop) return;
      shop = openShop();
      // A shop that closes by itself (DEMO_SECONDS) closes the platform with it.
      void closed(shop).then(() => platform.stop());
    },
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => shop?.kill('SIGTERM'));
  process.exitCode = await platform.done;
  if (shop?.exitCode === null) shop.kill('SIGTERM');
}
