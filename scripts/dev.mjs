/** `npm run dev`: the server restarts when its code changes; the UI reloads in place on port 5173. */
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { serverAtTerminal, supervise } from './lib/supervise.mjs';
import { ensureInstalled, root, runtime, toolEnvironment } from './lib/workspace.mjs';

const SETTLE_MS = 300;

ensureInstalled();
await ensureBuilt();

// The UI's development server hands the API's paths to the server that runs beside it.
const env = toolEnvironment({ TF_BACKEND: `http://127.0.0.1:${process.env.PORT ?? 3100}` });
const run = (script, args, cwd) => spawn(runtime(), [join(root, script), ...args], { cwd, env, stdio: 'inherit' });
const compiler = run('node_modules/typescript/bin/tsc', ['-b', '--watch', '--preserveWatchOutput'], root);
const server = supervise({
  ...serverAtTerminal,
  env: { ...serverAtTerminal.env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'info' },
});
const ui = run('node_modules/vite/bin/vite.js', [], join(root, 'frontend'));

let timer;
const watchers = [
  'backend/dist',
  'packages/contracts/dist',
  'packages/otlp/dist',
  'packages/embedded/dist',
  'backend/migrations',
].map((folder) =>
  watch(join(root, folder), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => server.restart(), SETTLE_MS);
  }),
);

process.exitCode = await server.done;
for (const watcher of watchers) watcher.close();
compiler.kill();
ui.kill();
