/** `npm start`: install what is locked, build what is stale, run the platform until it is told to stop. */
import { ensureBuilt } from './lib/build.mjs';
import { serverAtTerminal, supervise } from './lib/supervise.mjs';
import { ensureInstalled } from './lib/workspace.mjs';

ensureInstalled();
await ensureBuilt();
process.exitCode = await supervise(serverAtTerminal).done;
