/**
 * What the layout of attributes and resources costs: the same spans (10 attributes, 12 resource attributes) as RowBinary
 * files, inserted into tables that differ in one choice, merged into one part, then asked the same questions. Once with
 * the same ten keys in every span, once with ten of a thousand keys and a thousand tenants. Each variant has a process
 * of its own with the embedded engine in it; all figures are CPU time of that process.
 *
 *   node bench/src/store-layout.mjs [--rows 500000] [--only <pattern>]
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LAYOUTS, SCENARIOS } from './store/layouts.mjs';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '500000' }, only: { type: 'string', default: '' } },
});
const rows = Number(values.rows);

/** Resolves with the child's answer, or with what ended it. */
function run(job) {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL('./store/measure-layout.mjs', import.meta.url)), { silent: true });
    let answer;
    let words = '';
    child.stderr.on('data', (chunk) => (words += chunk));
    child.on('message', (message) => (answer = message));
    child.on('close', () =>
      resolve(answer ?? { failure: /DB::\w*Exception: ([^\n]{0,80})/.exec(words)?.[1] ?? 'ended' }),
    );
    child.send(job);
  });
}

for (const scenario of Object.keys(SCENARIOS)) {
  const table = [];
  for (const layout of Object.keys(LAYOUTS).filter((name) => new RegExp(values.only).test(name))) {
    const folder = mkdtempSync(join(tmpdir(), 'store-layout-'));
    try {
      for (const name of ['made', 'data']) mkdirSync(join(folder, name));
      const made = await run({ step: 'make', folder, scenario, layout, rows });
      const found = made.failure === undefined ? await run({ step: 'measure', folder, scenario, layout, rows }) : made;
      table.push({ layout, ...found });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  process.stdout.write(`${scenario}, ${rows} spans\n`);
  console.table(table);
}
