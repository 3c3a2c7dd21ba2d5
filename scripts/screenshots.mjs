/** `npm run screenshots`: takes the pictures of the documentation anew, into docs/images. Needs Chromium. */
import { ensureBuilt } from './lib/build.mjs';
import { findTools } from './lib/tools.mjs';
import { ensureInstalled, fail, runTool } from './lib/workspace.mjs';

ensureInstalled();
await ensureBuilt();

const browser = findTools().find(({ variable }) => variable === 'CHROMIUM_PATH');
if (!browser?.path) fail('Taking pictures needs Chromium: install it, or name it in CHROMIUM_PATH.');
const { code } = await runTool('e2e/screenshots.ts', [], {
  env: {
    CHROMIUM_PATH: browser.path,
    // The server's test support has TypeScript in it that Node must transform, not only strip.
    NODE_OPTIONS: '--experimental-transform-types --disable-warning=ExperimentalWarning',
  },
});
process.exitCode = code;
