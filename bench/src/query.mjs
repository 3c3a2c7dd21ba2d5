/**
 * `npm run bench query [-- --scale 1 --repeat 60 --data-dir <folder> --only <words> --json]`: how long questions take over a
 * day of 10 M spans, 10 M log records and 20 M points of three tenants, cold and warm, beside the same questions asked of the
 * store by hand. The platform's cache of answers is passed by (`Cache-Control: no-cache`) but in the last column.
 *
 * With `--data-dir` the filled folder is kept, and used again by the next run (within a day: the questions end now).
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { newDataDir, quantile, startPlatform } from './platform.mjs';
import { telemetryOf } from './query/dataset.mjs';
import { questions } from './query/questions.mjs';
import { Store } from './store.mjs';
import { usageOfTree } from './usage.mjs';

const { values: options } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    // Of twenty the 95th percentile would be the slowest one.
    repeat: { type: 'string', default: '60' },
    'data-dir': { type: 'string' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const SCALE = Number(options.scale);
const REPEAT = Number(options.repeat);
const WARM_UPS = 5;
const SPANS = 10e6 * SCALE;
const LOGS = 10e6 * SCALE;
const POINTS = 20e6 * SCALE;
const ADMINISTRATOR = { email: 'admin.telemetryflow@telemetryflow.id', password: 'Admin@123456' };
const OTHER_TENANTS = ['00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000003'];

const note = (text) => options.json || process.stderr.write(`${text}\n`);

async function json(url, init) {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

async function signIn({ url }) {
  const headers = { 'content-type': 'application/json' };
  const tokens = await json(`${url}/api/v2/auth/login`, {
    method: 'POST',
    headers,
    body: JSON.stringify(ADMINISTRATOR),
  });
  return { authorization: `Bearer ${tokens.access_token}`, ...headers };
}

/** The tenant whose key development uses: it takes the largest share. */
async function tenantOf({ url }, headers) {
  const { organizations } = await json(`${url}/api/v2/scopes`, { headers });
  return organizations[0].workspaces[0].tenants[0].id;
}

async function fill(store, tenants) {
  const endS = Math.floor(Date.now() / 1000);
  const statements = telemetryOf({ tenants, endS, spans: SPANS, logs: LOGS, points: POINTS });
  const settings = ' SETTINGS materialize_skip_indexes_on_insert = 0, max_insert_threads = 1, max_execution_time = 0';
  let done = 0;
  for (const statement of statements) {
    await store.ask(statement.replace('\nSELECT', `${settings}\nSELECT`));
    if (++done % 20 === 0) note(`filled ${done} of ${statements.length}`);
  }
  await store.untilMerged();
  return endS * 1000;
}

/** The folder's data, filled if it is new. */
async function dayOf(platform, store, tenants) {
  const mark = join(platform.dataDir, 'bench-query.json');
  if (existsSync(mark)) return JSON.parse(readFileSync(mark, 'utf8')).endMs;
  const started = performance.now();
  const endMs = await fill(store, tenants);
  note(`filled in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  writeFileSync(mark, JSON.stringify({ endMs }));
  return endMs;
}

async function timed(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** How much an answer holds, whatever it is about. */
function howMany({ data, nodes, spans, spanIds, results }) {
  return (data ?? nodes ?? spans ?? spanIds ?? results[0].groups).length;
}

async function measure(question, { platform, store, headers }) {
  const ask = (run, fresh = true) => {
    const { path, body } = question.ask(run);
    return json(`${platform.url}${path}`, {
      headers: { ...headers, ...(fresh && { 'cache-control': 'no-cache' }) },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
  };
  const askByHand = async (run) =>
    (await Promise.all([question.byHand(run)].flat().map((sql) => store.ask(sql)))).flat();
  const dropCaches = async () => {
    for (const cache of ['MARK', 'UNCOMPRESSED', 'QUERY CONDITION']) await store.ask(`SYSTEM DROP ${cache} CACHE`);
  };
  const cold = [];
  for (let run = 0; run < 3; run += 1) {
    await dropCaches();
    cold.push(await timed(() => ask(100 + run)));
  }
  let [found, foundByHand] = [0, 0];
  for (let run = 0; run < WARM_UPS; run += 1) {
    found += howMany(await ask(run));
    foundByHand += (await askByHand(run)).length;
  }
  if (found === 0 || foundByHand === 0) {
    throw new Error(`${question.name}: ${found} found, ${foundByHand} by hand: the data is not what is asked for`);
  }
  const [warm, byHand] = [[], []];
  const used = () => usageOfTree(platform.pid).cpuSeconds;
  let [cpuSeconds, byHandCpuSeconds] = [0, 0];
  for (let run = 0; run < REPEAT; run += 1) {
    const before = used();
    warm.push(await timed(() => ask(run)));
    const between = used();
    byHand.push(await timed(() => askByHand(run)));
    cpuSeconds += between - before;
    byHandCpuSeconds += used() - between;
  }
  const cached = [];
  for (let run = 0; run <= REPEAT; run += 1) cached.push(await timed(() => ask(0, false)));
  return {
    name: question.name,
    mustMs: question.mustMs,
    aimMs: question.aimMs,
    coldMs: quantile(cold, 0.5),
    p50Ms: quantile(warm, 0.5),
    p95Ms: quantile(warm, 0.95),
    cpuMs: (cpuSeconds * 1000) / REPEAT,
    byHandCpuMs: (byHandCpuSeconds * 1000) / REPEAT,
    byHandP50Ms: quantile(byHand, 0.5),
    byHandP95Ms: quantile(byHand, 0.95),
    cachedP95Ms: quantile(cached.slice(1), 0.95),
  };
}

function report(results) {
  const ms = (value) => (value < 10 ? value.toFixed(1) : value.toFixed(0)).padStart(6);
  const rows = results.map(
    (r) =>
      `| ${r.name.padEnd(38)} | ${ms(r.mustMs)} | ${ms(r.aimMs)} | ${ms(r.coldMs)} | ${ms(r.p50Ms)} | ${ms(r.p95Ms)} | ${ms(r.byHandP50Ms)} | ${ms(r.byHandP95Ms)} | ${ms(r.cachedP95Ms)} | ${ms(r.cpuMs)} | ${ms(r.byHandCpuMs)} |`,
  );
  return [
    '| ms                                     |   must |    aim |   cold |    p50 |    p95 | by hand p50 | by hand p95 | cached p95 |    CPU | by hand CPU |',
    '| -------------------------------------- | -----: | -----: | -----: | -----: | -----: | ----------: | ----------: | ---------: | -----: | ----------: |',
    ...rows,
    '',
  ].join('\n');
}

const kept = options['data-dir'];
if (kept !== undefined) mkdirSync(kept, { recursive: true });
const platform = await startPlatform(kept ?? newDataDir());
try {
  const store = new Store(platform.clickhouse);
  const headers = await signIn(platform);
  const tenant = await tenantOf(platform, headers);
  const endMs = await dayOf(platform, store, [tenant, ...OTHER_TENANTS]);
  const column = async (sql) => (await store.ask(sql)).map(({ value }) => value);
  const own = `tenant_id = '${tenant}'`;
  const traceIds = await column(
    `SELECT lower(hex(trace_id)) AS value FROM traces_v3 WHERE ${own} AND cityHash64(trace_id) % 5000 = 0 LIMIT 150`,
  );
  // Of the last hour, so that there is something to be found in it.
  const users = await column(
    `SELECT attributes['user.id'] AS value FROM spans_v3
     WHERE ${own} AND span_id < unhex('0080') AND timestamp >= fromUnixTimestamp64Milli(toInt64(${endMs - 3_600_000}), 'UTC') LIMIT 150`,
  );
  const asked = questions({ tenant, endMs, traceIds, users }).filter(({ name }) => name.includes(options.only ?? ''));
  const results = [];
  for (const question of asked) {
    note(`${question.name} …`);
    results.push(await measure(question, { platform, store, headers }));
  }
  const disk = await store.onDisk();
  if (options.json) process.stdout.write(`${JSON.stringify({ scale: SCALE, repeat: REPEAT, disk, results })}\n`);
  else process.stdout.write(`${report(results)}\n${(disk.bytes / 1024 ** 3).toFixed(2)} GiB in ${disk.parts} parts\n`);
} finally {
  await platform.stop({ keep: kept !== undefined });
}
