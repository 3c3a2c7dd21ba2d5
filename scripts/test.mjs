/**
 * `npm test`: everything that proves the product. What can't run on this machine is said by name; with CI=true nothing
 * may be left out but what needs a right that the machine withholds. The last line is `N passed, N failed`.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { findTools } from './lib/tools.mjs';
import { ensureInstalled, fail, root, runTool } from './lib/workspace.mjs';

const strict = process.env.CI === 'true';

ensureInstalled();
await ensureBuilt();

const tools = findTools();
const missing = tools.filter((t) => !t.path);
if (strict && missing.length > 0) {
  fail(
    `CI=true allows no gap, and these are missing: ${missing.map((t) => `${t.name} (${t.needs})`).join(', ')}. Install them or set ${missing.map((t) => t.variable).join(', ')}.`,
  );
}
const env = Object.fromEntries(tools.filter((t) => t.path).map((t) => [t.variable, t.path]));
const results = join(root, '.build', 'results');
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(join(results, file), 'utf8'));
  } catch {
    return undefined;
  }
};

/** A test that only root may run, where mounts are allowed, says so in its name. */
const NEEDS_RIGHTS = /needs mounts/;

/** Tests beside the code and over the wire. */
async function runServerTests() {
  const { code } = await runTool(
    'node_modules/vitest/vitest.mjs',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${join(results, 'vitest.json')}`],
    { env },
  );
  const report = readJson('vitest.json');
  const counts = {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
  const withheld = (report?.testResults ?? [])
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status, title }) => ['pending', 'skipped'].includes(status) && NEEDS_RIGHTS.test(title));
  for (const { title } of withheld) process.stdout.write(`Not run, mounts are not allowed here: ${title}\n`);
  counts.skipped -= withheld.length;
  // A file that could not even be loaded has no failed test of its own.
  if (code !== 0 && counts.failed === 0) counts.failed = Math.max(1, report?.numFailedTestSuites ?? 1);
  return counts;
}

/** Tests in a real browser. */
async function runBrowserTests() {
  const { code } = await runTool('node_modules/@playwright/test/cli.js', ['test'], {
    cwd: join(root, 'e2e'),
    env: { ...env, PLAYWRIGHT_JSON_OUTPUT_NAME: join(results, 'playwright.json') },
  });
  const stats = readJson('playwright.json')?.stats;
  const counts = {
    passed: (stats?.expected ?? 0) + (stats?.flaky ?? 0),
    failed: stats?.unexpected ?? 0,
    skipped: stats?.skipped ?? 0,
  };
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

const parts = [await runServerTests()];
if (env.CHROMIUM_PATH) parts.push(await runBrowserTests());

const sum = (key) => parts.reduce((total, part) => total + part[key], 0);
const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
for (const tool of missing)
  process.stdout.write(
    `Not run: ${tool.needs}, because ${tool.name} was not found (set ${tool.variable} or install it).\n`,
  );
const gap = strict && skipped > 0;
if (gap) process.stdout.write(`${skipped} tests were skipped, and CI=true allows no gap.\n`);
process.stdout.write(
  `${passed} passed, ${failed + (gap ? skipped : 0)} failed${!gap && skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
);
process.exitCode = failed > 0 || gap || passed === 0 ? 1 : 0;
