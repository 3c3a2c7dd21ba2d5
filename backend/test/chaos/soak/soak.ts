/**
 * Half load for a long time: does anything grow? Finds the highest rate that the platform takes and drains, then sends
 * half of it at a fixed rate, samples all along and judges each figure. Started by `npm run soak`.
 */
import { parseArgs } from 'node:util';
import { Load } from '../support/clients.ts';
import { Ledger } from '../support/ledger.ts';
import { HISTOGRAM, METRIC, Payloads, SERVICE } from '../support/payloads.ts';
import { usageByPart } from '../support/process-table.ts';
import { ServerProcess, type StoreAddress } from '../support/server-process.ts';
import { rowOf, rowsOf } from '../support/store.ts';
import { pause, until } from '../support/until.ts';
import { OpenLoop } from './open-loop.ts';
import { judge, quantile, type Bound, type Judged } from './verdict.ts';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    items: { type: 'string', default: '100' },
    connections: { type: 'string', default: '32' },
    /** Items per second; without it, half of what a calibration finds. */
    rate: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const minutes = Number(options.minutes);
const items = Number(options.items);
const SAMPLE_EVERY_MS = Math.min(10_000, (minutes * 60_000) / 24);
const CALIBRATION_MS = Math.min(30_000, minutes * 6_000);
/** Caches fill, and merged parts stay for eight minutes, before anything can be judged: ten minutes of an hour's run. */
const WARM_UP_MS = Math.min(600_000, Math.max(20_000, minutes * 10_000));
const MiB = 2 ** 20;

/** The figures, how they read, and what growth over the whole run still counts as flat. */
const FIGURES: Record<string, Bound & { readonly unit: 'MiB' | 'ms' | '' }> = {
  'server RSS': { unit: 'MiB', share: 0.1, least: 64 * MiB },
  'clickhouse RSS': { unit: 'MiB', share: 0.1, least: 192 * MiB },
  'postgres RSS': { unit: 'MiB', share: 0.1, least: 64 * MiB },
  'server heap': { unit: 'MiB', share: 0.15, least: 32 * MiB },
  'server external memory': { unit: 'MiB', share: 0.15, least: 64 * MiB },
  'server file descriptors': { unit: '', share: 0.05, least: 10 },
  // Three per thread of a pool that fills as needed.
  'clickhouse file descriptors': { unit: '', share: 0.1, least: 400 },
  'postgres file descriptors': { unit: '', share: 0.1, least: 50 },
  'active parts': { unit: '', share: 0.2, least: 40 },
  'active parts, worst table': { unit: '', share: 0.2, least: 15 },
  'log bytes': { unit: 'MiB', share: 0.2, least: 64 * MiB },
  'segments waiting': { unit: '', share: 0.2, least: 2 },
  lag: { unit: 'ms', share: 0.2, least: 1000 },
  'acknowledged p50': { unit: 'ms', share: 0.5, least: 10 },
  'acknowledged p99': { unit: 'ms', share: 0.5, least: 50 },
};

type Sample = Record<string, number>;
const say = (line: string) => process.stderr.write(`${line}\n`);

const server = new ServerProcess();
let code = 1;
const end = () => {
  // A second Ctrl-C ends at once; the engines notice by themselves.
  process.once('SIGINT', () => process.exit(1));
  void server.dispose().finally(() => process.exit(1));
};
process.once('SIGINT', end);
process.once('SIGTERM', end);
try {
  await server.launch();
  code = await soak();
} finally {
  await server.dispose();
}
process.exitCode = code;

async function soak(): Promise<number> {
  const payloads = new Payloads({ items, baseNs: BigInt(Date.now()) * 1_000_000n });
  const ledger = new Ledger();
  const keyHeaders = server.keyHeaders;
  const target = () => ({ otlpHttpUrl: server.otlpHttpUrl, otlpGrpcTarget: server.otlpGrpcTarget, keyHeaders });
  const maximum = options.rate === undefined ? await calibrate(payloads, ledger, target) : undefined;
  const itemsPerSecond = maximum === undefined ? Number(options.rate) : maximum / 2;
  say(`sending ${Math.round(itemsPerSecond)} items/s for ${minutes} minutes after ${WARM_UP_MS / 1000} s of warm-up`);

  const loop = new OpenLoop({
    target,
    payloads,
    requestsPerSecond: itemsPerSecond / items,
    connections: Number(options.connections),
    firstRequest: ledger.sent,
  });
  const before = { requests: ledger.acknowledged, loop: 0 };
  await pause(WARM_UP_MS);
  loop.take();
  const samples: Sample[] = [];
  let acknowledged = 0;
  const startedAt = performance.now();
  for (let n = 1; performance.now() - startedAt < minutes * 60_000; n += 1) {
    await pause(startedAt + n * SAMPLE_EVERY_MS - performance.now());
    const { acknowledgeMs, ...interval } = loop.take();
    acknowledged += interval.acknowledged;
    const sample = { ...(await sampleOf(server.store)), ...latency(acknowledgeMs) };
    samples.push(sample);
    say(progress(n * SAMPLE_EVERY_MS, sample, interval));
  }
  const seconds = (performance.now() - startedAt) / 1000;
  await loop.stop();
  await server.untilDrained();
  const stored = await storedItems(server.store);
  const expected = (before.requests + sum(Object.values(loop.acknowledged))) * items;
  const failures = Object.fromEntries(loop.failures);
  const judged = Object.entries(FIGURES).map(([name, bound]) =>
    judge(
      name,
      samples.map((sample) => sample[name] ?? Number.NaN),
      bound,
    ),
  );
  const whole = sum(Object.values(failures)) === 0 && stored === expected;
  const flat = whole && judged.every((figure) => figure.flat);
  report({
    minutes,
    samples: samples.length,
    ...(maximum === undefined ? {} : { maximumItemsPerSecond: Math.round(maximum) }),
    offeredItemsPerSecond: Math.round(itemsPerSecond),
    acknowledgedItemsPerSecond: Math.round((acknowledged * items) / seconds),
    failures,
    acknowledgedItems: expected,
    storedItems: stored,
    figures: judged,
    flat,
  });
  return flat ? 0 : 1;
}

/** Items per second that the platform acknowledges and has in the store. */
async function calibrate(
  payloads: Payloads,
  ledger: Ledger,
  target: () => ReturnType<typeof targetType>,
): Promise<number> {
  say(`looking for the highest rate, ${CALIBRATION_MS / 1000} s`);
  const startedAt = performance.now();
  const load = new Load({ target, payloads, ledger, clients: 3 });
  await pause(CALIBRATION_MS);
  await load.stop();
  await server.untilDrained();
  const maximum = (ledger.acknowledged * items) / ((performance.now() - startedAt) / 1000);
  say(`the platform takes ${Math.round(maximum)} items/s on this machine, the sender's own work included`);
  return maximum;
}

function targetType() {
  return { otlpHttpUrl: '', otlpGrpcTarget: '', keyHeaders: {} as Readonly<Record<string, string>> };
}

async function sampleOf(store: StoreAddress): Promise<Sample> {
  const metrics = await server.metrics();
  const usage = usageByPart(server.pid);
  const parts = await rowsOf<{ parts: number }>(
    store,
    `SELECT table, toUInt32(count()) AS parts FROM system.parts WHERE active AND database = currentDatabase() GROUP BY table`,
  );
  const metric = (name: string) => metrics.get(name) ?? Number.NaN;
  return {
    'server RSS': usage.server.rssBytes,
    'clickhouse RSS': usage.clickhouse.rssBytes,
    'postgres RSS': usage.postgres.rssBytes,
    'server heap': metric('nodejs_heap_size_used_bytes'),
    'server external memory': metric('nodejs_external_memory_bytes'),
    'server file descriptors': usage.server.openFiles,
    'clickhouse file descriptors': usage.clickhouse.openFiles,
    'postgres file descriptors': usage.postgres.openFiles,
    'active parts': sum(parts.map((row) => row.parts)),
    'active parts, worst table': Math.max(0, ...parts.map((row) => row.parts)),
    'log bytes': metric('otlp_ingestion_log_bytes'),
    'segments waiting': metric('otlp_ingestion_segments_waiting'),
    lag: metric('otlp_ingestion_lag_ms'),
  };
}

function latency(acknowledgeMs: readonly number[]): Sample {
  return { 'acknowledged p50': quantile(acknowledgeMs, 0.5), 'acknowledged p99': quantile(acknowledgeMs, 0.99) };
}

async function storedItems(store: StoreAddress): Promise<number> {
  let stored = 0;
  await until('the last insert', async () => {
    const { n } = await rowOf<{ n: number }>(
      store,
      `SELECT (SELECT count() FROM spans_v3 WHERE service_name = '${SERVICE}')
            + (SELECT count() FROM logs_v3 WHERE service_name = '${SERVICE}')
            + (SELECT count() FROM metrics_v3 WHERE metric_name = '${METRIC}')
            + (SELECT count() FROM histograms_v3 WHERE metric_name = '${HISTOGRAM}') AS n`,
    );
    stored = n;
    return true;
  });
  return stored;
}

function progress(elapsedMs: number, sample: Sample, interval: { acknowledged: number; failed: number }): string {
  const mib = (name: string) => Math.round((sample[name] ?? 0) / MiB);
  return [
    `${(elapsedMs / 60_000).toFixed(1)} min`,
    `${Math.round((interval.acknowledged * items) / (SAMPLE_EVERY_MS / 1000))} items/s`,
    `failed ${interval.failed}`,
    `RSS ${mib('server RSS')} + ${mib('clickhouse RSS')} + ${mib('postgres RSS')} MiB`,
    `heap ${mib('server heap')} MiB`,
    `fds ${sample['server file descriptors']}`,
    `parts ${sample['active parts']}`,
    `log ${mib('log bytes')} MiB`,
    `lag ${Math.round(sample.lag ?? 0)} ms`,
    `p99 ${sample['acknowledged p99']?.toFixed(1)} ms`,
  ].join(', ');
}

function report(
  result: Record<string, unknown> & { readonly figures: readonly Judged[]; readonly flat: boolean },
): void {
  const { figures, ...rest } = result;
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`);
  else {
    console.table(figures.map(readable));
    console.table([{ ...rest, failures: JSON.stringify(rest.failures) }]);
  }
  const grown = figures.filter((figure) => !figure.flat).map((figure) => figure.name);
  const why = grown.length > 0 ? `: ${grown.join(', ')}` : ': an error, or not everything is in the store';
  say(result.flat ? 'flat' : `not flat${why}`);
}

function readable({ name, firstQuarter, lastQuarter, growth, allowed, flat }: Judged) {
  const unit = FIGURES[name]?.unit ?? '';
  const show = (value: number) => Number((unit === 'MiB' ? value / MiB : value).toFixed(1));
  return {
    figure: unit === '' ? name : `${name} (${unit})`,
    'first quarter': show(firstQuarter),
    'last quarter': show(lastQuarter),
    growth: show(growth),
    allowed: show(allowed),
    flat: flat ? 'yes' : 'NO',
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
