/** `npm run check`: types, lint, dependency rules, dead code, format. Runs all of them and names each that failed. */
import { ensureInstalled, runTool } from './lib/workspace.mjs';

ensureInstalled();

const checks = [
  ['types of the server', 'node_modules/typescript/bin/tsc', ['-b']],
  ['types of the tests', 'node_modules/typescript/bin/tsc', ['-p', 'tsconfig.test.json']],
  ['types of the UI', 'frontend/typecheck.mjs', ['--noEmit']],
  ['lint', 'node_modules/oxlint/bin/oxlint', ['--deny-warnings']],
  [
    'dependency rules',
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    ['--config', '.dependency-cruiser.mjs', 'backend/src', 'packages'],
  ],
  ['dead code', 'node_modules/knip/bin/knip.js', ['--no-progress']],
  ['format', 'node_modules/prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']],
];

const failed = [];
for (const [name, tool, args] of checks) {
  const started = performance.now();
  const { code, output } = await runTool(tool, args, { quiet: true });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
  if (code === 0) continue;
  failed.push(name);
  process.stdout.write(`${output}\n`);
}
if (failed.length > 0) {
  process.stdout.write(`Failed: ${failed.join(', ')}\n`);
  process.exitCode = 1;
}
