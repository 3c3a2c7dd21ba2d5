// vue-tsc needs the JavaScript compiler of TypeScript 6; the rest of the repository is on TypeScript 7. This folder has
// its own `typescript`, and vue-tsc, installed at the root, is told where it is.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
process.chdir(import.meta.dirname);
require('vue-tsc').run(require.resolve('typescript/lib/tsc'));
