/** `npm run build`: install what is locked and build what is stale. */
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/workspace.mjs';

ensureInstalled();
await ensureBuilt();
