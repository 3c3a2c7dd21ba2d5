/**
 * `npm run bench [name] [-- options]`: every published figure. Without a name, all of them in turn.
 */
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled, fail, runTool } from './lib/workspace.mjs';

const benches = {
  transcode: 'packages/otlp/bench/transcode.mjs',
  ingest: 'bench/src/ingest.mjs',
  transport: 'bench/src/transport.mjs',
  api: 'bench/src/api.mjs',
  query: 'bench/src/query.mjs',
  browser: 'bench/src/browser.mjs',
  keys: 'bench/src/keys.mjs',
  permissions: 'bench/src/permissions.mjs',
  'store-layout': 'bench/src/store-layout.mjs',
  'store-tables': 'bench/src/store-tables.mjs',
};

const [name, ...rest] = process.argv.slice(2);
const chosen = name && !name.startsWith('-') ? [name] : Object.keys(benches);
const unknown = chosen.find((bench) => !(bench in benches));
if (unknown) fail(`There is no bench "${unknown}". There are: ${Object.keys(benches).join(', ')}.`);

ensureInstalled();
await ensureBuilt();
for (const bench of chosen) {
  process.stdout.write(`${bench}\n`);
  const { code } = await runTool(benches[bench], chosen.length === 1 ? rest : []);
  if (code !== 0) process.exitCode = 1;
}
