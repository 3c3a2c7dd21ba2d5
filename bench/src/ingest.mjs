/**
 * End to end as users run it: spans as gzipped OTLP/protobuf over HTTP, acknowledged on disk, inserted, queryable.
 *
 *   npm run bench ingest [-- --seconds 10 --clients 8 --spans 500 --json]
 */
import { parseArgs, promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { folderBytes, quantile, startPlatform } from './platform.mjs';
import { traceRequest } from './payloads.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    clients: { type: 'string', default: '8' },
    spans: { type: 'string', default: '500' },
    json: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const [seconds, clients, spansPerRequest] = [Number(options.seconds), Number(options.clients), Number(options.spans)];

// Built before the clock starts; enough of them that ids repeat rarely within a run.
const bodies = await Promise.all(Array.from({ length: 64 }, async (_, i) => ({ ...(await packed(i)) })));
async function packed(instance) {
  const bytes = traceRequest(spansPerRequest, instance);
  return { raw: bytes.length, gzipped: await promisify(gzip)(bytes, { level: 1 }) };
}

const firstStart = performance.now();
const first = await startPlatform();
const firstStartMs = performance.now() - firstStart;
await first.stop({ keep: true });
const secondStart = performance.now();
const platform = await startPlatform(first.dataDir);
const secondStartMs = performance.now() - secondStart;

const headers = { ...platform.keyHeaders, 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
const token = await login();
const idle = platform.usage();
await wait(5000);
const idleCpu = (platform.usage().cpuSeconds - idle.cpuSeconds) / 5;

const acknowledgements = [];
let requests = 0;
let peakBytes = 0;
const before = platform.usage();
const end = performance.now() + seconds * 1000;
const sampler = setInterval(() => (peakBytes = Math.max(peakBytes, platform.usage().rssBytes)), 500);
await Promise.all(
  Array.from({ length: clients }, async () => {
    while (performance.now() < end) {
      const body = bodies[requests++ % bodies.length];
      const sent = performance.now();
      const response = await fetch(`${platform.otlpHttpUrl}/v1/traces`, {
        method: 'POST',
        headers,
        body: body.gzipped,
      });
      await response.arrayBuffer();
      if (response.status !== 200) throw new Error(`ingest answered ${response.status}`);
      acknowledgements.push(performance.now() - sent);
    }
  }),
);
const drained = await untilQueryable();
clearInterval(sampler);
const used = platform.usage().cpuSeconds - before.cpuSeconds;
const elapsed = (performance.now() - end) / 1000 + seconds;
const spans = requests * spansPerRequest;

const visible = [];
for (let i = 0; i < 20; i += 1) visible.push(await timeToVisible());

const row = {
  'spans/s': Math.round(spans / elapsed),
  'spans/CPU s': Math.round(spans / used),
  'MB/s (raw)': Number(((requests * bodies[0].raw) / elapsed / 1e6).toFixed(1)),
  'ack p50 ms': Number(quantile(acknowledgements, 0.5).toFixed(1)),
  'ack p99 ms': Number(quantile(acknowledgements, 0.99).toFixed(1)),
  'visible p95 ms': Math.round(quantile(visible, 0.95)),
  'peak MiB': Math.round(peakBytes / 2 ** 20),
  'bytes on disk/span': Number((folderBytes(`${platform.dataDir}/clickhouse`) / spans).toFixed(1)),
  'idle CPU %': Number((idleCpu * 100).toFixed(1)),
  'first start ms': Math.round(firstStartMs),
  'second start ms': Math.round(secondStartMs),
};
if (options.json)
  process.stdout.write(
    `${JSON.stringify({ options: { seconds, clients, spansPerRequest }, drainedMs: Math.round(drained), ...row })}\n`,
  );
else console.table([row]);
await platform.stop();

async function login() {
  const response = await fetch(`${platform.url}/api/v2/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'admin.telemetryflow@telemetryflow.id', password: 'Admin@123456' }),
  });
  return (await response.json()).access_token;
}

/** Waits until the log has been inserted: readiness reports no waiting segment. */
async function untilQueryable() {
  const started = performance.now();
  for (;;) {
    const text = await (await fetch(`${platform.url}/metrics`)).text();
    const waiting = /^otlp_ingestion_segments_waiting(?:\{[^}]*\})? (\S+)/m.exec(text)?.[1];
    if (waiting === undefined) throw new Error('/metrics does not report otlp_ingestion_segments_waiting');
    if (Number(waiting) === 0) return performance.now() - started;
    await wait(50);
  }
}

/** Milliseconds from the acknowledgement of a span to its being answered by the read API. */
async function timeToVisible() {
  const traceId = randomBytes(16).toString('hex');
  const now = `${BigInt(Date.now()) * 1_000_000n}`;
  const span = {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name: 'probe',
    kind: 2,
    startTimeUnixNano: now,
    endTimeUnixNano: now,
  };
  await fetch(`${platform.otlpHttpUrl}/v1/traces`, {
    method: 'POST',
    headers: { ...platform.keyHeaders, 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  });
  const acknowledged = performance.now();
  for (;;) {
    const response = await fetch(`${platform.url}/api/v2/telemetry/traces/${traceId}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await response.arrayBuffer();
    if (response.status === 200) return performance.now() - acknowledged;
    if (performance.now() - acknowledged > 20_000)
      throw new Error(`a span did not become visible (${response.status})`);
    await wait(10);
  }
}
