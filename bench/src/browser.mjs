/**
 * `npm run bench browser [-- --logs 1000000 --spans 50000 --headed --json]`: how the explorers feel in Chromium (CHROMIUM_PATH, else
 * /usr/bin/chromium): opening and scrolling a trace of 50,000 spans, scrolling a list of 1 M log records page after page, and
 * changing between pages whose answers are there. Frames are those the browser made while the wheel turned; a task is one of
 * the main thread that took more than 50 ms, as the browser reports it.
 *
 * Without a graphics card Chromium paints on the processor: frames are the machine's as much as the screen's.
 */
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { quantile, startPlatform } from './platform.mjs';
import { telemetryOf, wideTrace } from './query/dataset.mjs';
import { Store } from './store.mjs';

const { values: options } = parseArgs({
  options: {
    logs: { type: 'string', default: '1000000' },
    spans: { type: 'string', default: '50000' },
    headed: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const ADMINISTRATOR = { email: 'admin.telemetryflow@telemetryflow.id', password: 'Admin@123456' };
const SCROLL_MS = 8_000;
const WHEEL_MS = 16;
const WHEEL_PX = 240;
const ROUTE_CHANGES = 10;
const ARGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];

const note = (text) => options.json || process.stderr.write(`${text}\n`);

async function json(url, init) {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function tenantOf({ url }) {
  const login = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(ADMINISTRATOR),
  };
  const { access_token: token } = await json(`${url}/api/v2/auth/login`, login);
  const { organizations } = await json(`${url}/api/v2/scopes`, { headers: { authorization: `Bearer ${token}` } });
  return organizations[0].workspaces[0].tenants[0].id;
}

/** All records lie within the last hour, so that the list has them all in its range. */
async function fill(store, tenant) {
  const endS = Math.floor(Date.now() / 1000);
  const day = {
    tenants: [tenant],
    shares: [1],
    endS,
    spans: 20_000,
    logs: Number(options.logs),
    points: 0,
    lengthS: 3_500,
  };
  for (const statement of telemetryOf(day)) await store.ask(statement);
  await store.ask(wideTrace({ tenant, endS, spans: Number(options.spans) }));
  await store.untilMerged();
  const [{ id }] = await store.ask(
    `SELECT lower(hex(trace_id)) AS id FROM traces_v3 WHERE tenant_id = '${tenant}' GROUP BY trace_id ORDER BY sum(span_count) DESC LIMIT 1`,
  );
  return id;
}

/** Counts long tasks and frames from now on; `stop` tells. */
function watch(page) {
  return page.evaluate(() => {
    const found = { tasks: [], frames: [], isOn: true };
    new PerformanceObserver((list) => found.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
    });
    let last = performance.now();
    const frame = (now) => {
      found.frames.push(now - last);
      last = now;
      if (found.isOn) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    globalThis.benchWatch = found;
  });
}

async function watched(page) {
  const { tasks, frames } = await page.evaluate(() => {
    globalThis.benchWatch.isOn = false;
    return globalThis.benchWatch;
  });
  const between = frames.slice(1);
  return {
    framesPerSecond: (1000 * between.length) / between.reduce((sum, ms) => sum + ms, 0),
    frameP95Ms: quantile(between, 0.95),
    longestFrameMs: Math.max(...between),
    longestTaskMs: Math.max(0, ...tasks),
    tasksOver100Ms: tasks.filter((ms) => ms > 100).length,
  };
}

async function scroll(page, locator) {
  await locator.hover();
  await watch(page);
  const end = performance.now() + SCROLL_MS;
  while (performance.now() < end) {
    await page.mouse.wheel(0, WHEEL_PX);
    await page.waitForTimeout(WHEEL_MS);
  }
  return watched(page);
}

/** Milliseconds from a navigation within the application until the locator shows. */
async function timeTo(page, go, locator) {
  const started = performance.now();
  await go();
  await locator.waitFor();
  return performance.now() - started;
}

const navigate = (page, path) =>
  page.evaluate((to) => {
    history.pushState(history.state, '', to);
    dispatchEvent(new PopStateEvent('popstate', { state: history.state }));
  }, path);

async function openTrace(page, traceId) {
  const rows = page.getByRole('treeitem');
  await watch(page);
  const openMs = await timeTo(page, () => navigate(page, `/telemetry/traces/${traceId}`), rows.nth(5));
  const open = await watched(page);
  return { openMs, open, scroll: await scroll(page, rows.nth(5)) };
}

async function scrollLogs(page) {
  await navigate(page, '/telemetry/logs?from=now-1h&to=now');
  const rows = page.getByRole('listitem').filter({ hasText: /request handled|cache miss|retrying|connection/ });
  await rows.nth(5).waitFor();
  return scroll(page, rows.nth(5));
}

/** In the page: milliseconds from the click to the frame that has the page's heading and, where there was one, its content. */
async function changeRoute(label) {
  const startsWith = (selector) =>
    [...document.querySelectorAll(selector)].find((e) => e.textContent.trim().startsWith(label));
  const started = performance.now();
  startsWith('nav a').click();
  while (startsWith('h1') === undefined) {
    if (performance.now() - started > 10_000) throw new Error(`the page ${label} did not show`);
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return performance.now() - started;
}

async function changeRoutes(page) {
  const link = (name) => page.getByRole('navigation').getByRole('link', { name, exact: true }).first();
  const heading = (name) => page.getByRole('heading', { name: new RegExp(`^${name}`) }).first();
  const names = ['Traces', 'Logs', 'Metrics', 'Services'];
  for (const name of names) {
    await link(name).click();
    await heading(name).waitFor();
    await page.waitForLoadState('networkidle', { timeout: 20_000 }).catch(() => note(`${name} is never idle`));
  }
  const times = [];
  for (let i = 0; i < ROUTE_CHANGES; i += 1)
    for (const name of names) times.push(await page.evaluate(changeRoute, name));
  return { p50Ms: quantile(times, 0.5), p95Ms: quantile(times, 0.95) };
}

function report({ trace, logs, routes }) {
  const ms = (value) => `${value.toFixed(0)} ms`;
  const frames = (r) => `${r.framesPerSecond.toFixed(0)}/s, p95 ${ms(r.frameP95Ms)}, longest ${ms(r.longestFrameMs)}`;
  const tasks = (r) => `longest ${ms(r.longestTaskMs)}, ${r.tasksOver100Ms} over 100 ms`;
  return [
    '|                                   | must    | measured |',
    '| --------------------------------- | ------- | -------- |',
    `| a trace of ${options.spans} spans opens     | < 1 s   | ${ms(trace.openMs)} |`,
    `| tasks of the main thread meanwhile | < 100 ms | ${tasks(trace.open)} |`,
    `| it scrolls: frames                | 60/s    | ${frames(trace.scroll)} |`,
    `| tasks of the main thread meanwhile | < 100 ms | ${tasks(trace.scroll)} |`,
    `| the list of ${options.logs} log records scrolls | no stall | ${frames(logs)} |`,
    `| tasks of the main thread meanwhile | < 100 ms | ${tasks(logs)} |`,
    `| change of page, answers there     | < 100 ms | p50 ${ms(routes.p50Ms)}, p95 ${ms(routes.p95Ms)} |`,
    '',
  ].join('\n');
}

const platform = await startPlatform();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ARGS,
  headless: !options.headed,
});
try {
  note('filling …');
  const traceId = await fill(new Store(platform.clickhouse), await tenantOf(platform));
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(30_000);
  await page.goto(`${platform.url}/login`);
  await page.getByLabel('E-mail').fill(ADMINISTRATOR.email);
  await page.getByLabel('Password', { exact: true }).fill(ADMINISTRATOR.password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
  await page.getByRole('navigation').first().waitFor();
  note('pages …');
  const routes = await changeRoutes(page);
  note('trace …');
  const trace = await openTrace(page, traceId);
  note('logs …');
  const logs = await scrollLogs(page);
  const found = { trace, logs, routes };
  process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : report(found));
} finally {
  await browser.close();
  await platform.stop();
}
