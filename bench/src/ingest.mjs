/**
 * End to end as users run it: OTLP in, acknowledged on disk, inserted, queryable; beside the floor (the same rows, already
 * encoded, into the same tables by the store alone) and protobufjs decoding the same bodies.
 *
 *   npm run bench ingest [-- --quick --only spans,half,idle --json --out figures.json --profile folder]
 *
 * Exit code 1 when an acknowledged item is not in the store, or one is there twice.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measureDecoding } from './ingest/decoding.mjs';
import { measureFloor } from './ingest/floor.mjs';
import { HelperProcess } from './ingest/helper-process.mjs';
import { measure, measureIdle } from './ingest/measure.mjs';
import { chosenScenarios, HEADLINE, SCENARIOS } from './ingest/scenarios.mjs';
import { login, makeTenants, ownTenant } from './ingest/tenants.mjs';
import { newDataDir, startPlatform } from './platform.mjs';
import { tables } from './report.mjs';
import { Store } from './store.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    out: { type: 'string' },
    profile: { type: 'string' },
  },
  allowPositionals: true,
});
const IDLE_SECONDS = 20;
const note = (text) => process.stderr.write(`${text}\n`);

const wanted = chosenScenarios(options.only, options.quick);
const wantsIdle = options.only?.split(',').includes('idle') ?? true;
// A half of the headline's rate needs that rate.
if (wanted.some(({ name }) => name === 'half') && wanted[0]?.name !== HEADLINE) {
  wanted.unshift(...chosenScenarios(HEADLINE, options.quick));
}
if (options.profile !== undefined) mkdirSync(resolve(options.profile), { recursive: true });

/** A platform at its second start, so that the first, which initialises both stores, is timed too. */
async function openLab() {
  const dataDir = newDataDir();
  const first = await startPlatform(dataDir);
  await first.stop({ keep: true });
  const profileDir = options.profile === undefined ? undefined : resolve(options.profile);
  const platform = await startPlatform(dataDir, { profileDir });
  const token = await login(platform);
  const tenants = Math.max(0, ...wanted.map((scenario) => (scenario.tenants > 1 ? scenario.tenants : 0)));
  return {
    platform,
    startsMs: { first: first.startedInMs, second: platform.startedInMs },
    store: new Store(platform.clickhouse),
    loader: new HelperProcess('./loader.mjs'),
    token,
    own: await ownTenant(platform),
    many: tenants > 0 ? await makeTenants(platform, tenants, token) : undefined,
  };
}

/** The code is compiled as hot as in a server that has run for a while. */
async function warmUp(lab) {
  for (const signal of new Set(wanted.map((scenario) => scenario.signal))) {
    const usual = SCENARIOS.find((scenario) => scenario.signal === signal);
    await measure(lab, { ...usual, requests: 300 });
  }
}

async function measureAll(lab, figures) {
  for (const scenario of wanted) {
    note(`${scenario.name} …`);
    const headline = figures.rows.find(({ name }) => name === HEADLINE);
    const half = scenario.name === 'half' ? { ratePerSecond: headline.requestsPerSecond / 2 } : {};
    const row = await measure(lab, scenario, half);
    if (scenario.floor) {
      note(`${scenario.name}: the store alone …`);
      const floor = await measureFloor(scenario, Math.max(1, Math.round(row.requestsPerSegment)));
      row.ofFloor = row.itemsPerCpuSecond / floor.itemsPerCpuSecond;
      figures.floors.push(floor);
      const roundMs = options.quick ? 100 : 250;
      figures.decoding.push(await measureDecoding(scenario.signal, scenario.items, { roundMs }));
    }
    const first = scenario.name === HEADLINE ? row : headline;
    const isComparable = first !== undefined && row.itemsPerCpuSecond !== null;
    row.ofHeadline = isComparable ? row.itemsPerCpuSecond / first.itemsPerCpuSecond : null;
    figures.rows.push(row);
  }
  if (!wantsIdle) return;
  note('idle …');
  figures.idle = await measureIdle(lab, IDLE_SECONDS);
}

const lab = await openLab();
const figures = {
  measuredAt: new Date().toISOString(),
  machine: { cpu: cpus()[0]?.model, cores: availableParallelism(), memoryBytes: totalmem(), node: process.version },
  command: `npm run bench ingest -- ${process.argv.slice(2).join(' ')}`.trim(),
  startsMs: lab.startsMs,
  rows: [],
  floors: [],
  decoding: [],
  idle: null,
};
try {
  note('warming up …');
  await warmUp(lab);
  await measureAll(lab, figures);
} finally {
  lab.loader.end();
  await lab.platform.stop();
  rmSync(lab.platform.dataDir, { recursive: true, force: true });
}
if (options.out !== undefined) writeFileSync(options.out, `${JSON.stringify(figures, null, 2)}\n`);
process.stdout.write(options.json ? `${JSON.stringify(figures)}\n` : `${tables(figures)}\n`);
for (const { title, faults } of figures.rows) {
  for (const fault of faults) note(`${title}: ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
