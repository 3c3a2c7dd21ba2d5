/** `npm start`: install what is locked, build what is stale, run the platform until it is told to stop. */
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { supervise } from './lib/supervise.mjs';
import { ensureInstalled, root } from './lib/workspace.mjs';

ensureInstalled();
await ensureBuilt();
// DATA_DIR is relative to the folder that the person is in; npm changes the working directory and tells it in INIT_CWD.
const env = process.env.DATA_DIR ? {} : { DATA_DIR: join(root, 'data') };
process.exitCode = await supervise({
  args: ['--enable-source-maps', join(root, 'backend', 'dist', 'main.js')],
  cwd: process.env.INIT_CWD ?? process.cwd(),
  env,
}).done;
