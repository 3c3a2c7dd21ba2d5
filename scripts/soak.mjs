/**
 * `npm run soak [-- --minutes 60 --json]`: half load for a long time. Exit code 1 when anything grows.
 */
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled, runTool } from './lib/workspace.mjs';

ensureInstalled();
await ensureBuilt();
// Node strips the types of what it runs; the server itself is the built one.
const { code } = await runTool('backend/test/chaos/soak/soak.ts', process.argv.slice(2));
process.exitCode = code;
