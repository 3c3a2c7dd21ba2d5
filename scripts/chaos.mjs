/**
 * `npm run chaos [-- --kills 200 --seed N --only name]`: the fault tests in their long form, one after the other, and a
 * table of what was survived. The same tests run in a short form within `npm test`.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled, fail, root, runTool } from './lib/workspace.mjs';

const folder = 'backend/test/chaos';
const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    only: { type: 'string' },
  },
});
if (!/^[1-9]\d*$/.test(options.kills)) fail(`--kills is ${options.kills}: give a number of kills.`);
if (!/^\d+$/.test(options.seed)) fail(`--seed is ${options.seed}: give the number that an earlier run printed.`);

const names = readdirSync(join(root, folder))
  .filter((file) => file.endsWith('.spec.ts'))
  .map((file) => file.replace(/(\.int)?\.spec\.ts$/, ''));
if (options.only && !names.includes(options.only))
  fail(`There is no "${options.only}". There are: ${names.join(', ')}.`);

ensureInstalled();
await ensureBuilt();
const report = join(root, '.build', 'chaos.jsonl');
mkdirSync(join(root, '.build'), { recursive: true });
rmSync(report, { force: true });

process.stdout.write(`seed ${options.seed} (again: npm run chaos -- --seed ${options.seed})\n`);
const startedAt = performance.now();
const failed = [];
for (const name of options.only ? [options.only] : names) {
  process.stdout.write(`${name}\n`);
  const { code } = await runTool(
    'node_modules/vitest/vitest.mjs',
    ['run', '--disable-console-intercept', '--no-file-parallelism', '--reporter=verbose', join(folder, `${name}.`)],
    {
      env: {
        CHAOS_LONG: 'true',
        CHAOS_SEED: options.seed,
        CHAOS_KILLS: options.kills,
        CHAOS_REPORT: report,
      },
    },
  );
  if (code !== 0) failed.push(name);
}

/** What each test survived, as it reported it. */
function survived() {
  try {
    return readFileSync(report, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  } catch {
    return []; // nothing came so far
  }
}
console.table(survived());
const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
process.stdout.write(
  `seed ${options.seed}, ${minutes} minutes: ${failed.length === 0 ? 'everything survived' : `FAILED: ${failed.join(', ')}`}\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
