/**
 * Takes the pictures of the documentation: the platform with the demo shop's telemetry of the last minutes, on every main
 * screen, dark and light, and some of them on a phone. Writes docs/images.
 *
 * SCREENSHOT_SECONDS: how long the shop is open before the first picture (default 110).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Browser, chromium, type Page } from '@playwright/test';
import { eventually, repository, TestPlatform } from '../backend/test/support/platform.ts';
import config from './playwright.config.ts';
import { logIn, users } from './support/fixtures.ts';

const SHOP_SECONDS = Number(process.env.SCREENSHOT_SECONDS ?? 110);
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 360, height: 740 };
const folder = join(repository, 'docs', 'images');
const range = 'from=now-2m&to=now';

interface Picture {
  readonly name: string;
  readonly path: string;
  /** Set for those that are taken on a phone too. */
  readonly phonePath?: string;
}

const pictures = ({ traceId, spanId }: { traceId: string; spanId: string }): readonly Picture[] => [
  { name: 'overview', path: `/overview?${range}`, phonePath: `/overview?${range}` },
  { name: 'traces', path: `/telemetry/traces?${range}&filter=${encodeURIComponent('service:checkout')}` },
  { name: 'traces-heatmap', path: `/telemetry/traces?${range}&show=heatmap` },
  { name: 'traces-table', path: `/telemetry/traces?${range}&show=table` },
  {
    name: 'trace',
    path: `/telemetry/traces/${traceId}?${range}&span=${spanId}`,
    phonePath: `/telemetry/traces/${traceId}?${range}`,
  },
  { name: 'trace-flame', path: `/telemetry/traces/${traceId}?${range}&tab=flame` },
  { name: 'logs', path: `/telemetry/logs?${range}`, phonePath: `/telemetry/logs?${range}` },
  { name: 'logs-patterns', path: `/telemetry/logs?${range}&view=patterns` },
  { name: 'logs-live', path: `/telemetry/logs?${range}&view=live` },
  {
    name: 'metrics',
    path: `/telemetry/metrics?${range}&metric=http.server.request.duration&by=service.name`,
    phonePath: `/telemetry/metrics?${range}&metric=http.server.request.duration&by=service.name`,
  },
  { name: 'services', path: `/services?${range}`, phonePath: `/services?${range}` },
  { name: 'service-map', path: `/services?${range}&view=map` },
  { name: 'service', path: `/services/checkout?${range}` },
  { name: 'get-started', path: '/get-started' },
];

/** The shop as `npm run demo` opens it, only livelier. */
function openShop(platform: TestPlatform, key: { keyId: string; keySecret: string }) {
  const shop = spawn(process.execPath, [join(repository, 'demo', 'src', 'main.ts')], {
    env: {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: platform.otlpHttpUrl,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key-id=${key.keyId},x-api-key-secret=${key.keySecret}`,
      DEMO_RATE: '6',
      DEMO_OUTAGE_EVERY: '25',
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return async () => {
    const gone = once(shop, 'exit');
    shop.kill('SIGTERM');
    await gone;
  };
}

/** The richest trace of an order that failed, and its span that failed first. */
async function failedOrder(platform: TestPlatform): Promise<{ traceId: string; spanId: string }> {
  const filter = encodeURIComponent('status:error AND service:payment');
  const { body } = await platform.api<{ data: { traceId: string; spanCount: number }[] }>(
    'GET',
    `/api/v2/telemetry/traces?from=now-5m&to=now&limit=100&filter=${filter}`,
  );
  const [richest] = [...body.data].sort((a, b) => b.spanCount - a.spanCount);
  if (!richest) throw new Error('no order has failed yet: let the shop be open for longer');
  const trace = await platform.api<{ spans: { spanId: string; name: string }[] }>(
    'GET',
    `/api/v2/telemetry/traces/${richest.traceId}`,
  );
  const cause = trace.body.spans.find(({ name }) => name === 'authorize card');
  return { traceId: richest.traceId, spanId: cause?.spanId ?? '' };
}

async function open(browser: Browser, url: string, viewport: typeof DESKTOP, colorScheme: 'dark' | 'light') {
  const context = await browser.newContext({
    baseURL: url,
    viewport,
    colorScheme,
    reducedMotion: 'reduce',
    locale: 'en-US',
    timezoneId: 'UTC',
  });
  const page = await context.newPage();
  await page.goto('/login');
  await logIn(page, users.administrator);
  await page.waitForURL(/overview/);
  return page;
}

async function take(page: Page, path: string, file: string): Promise<void> {
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, file), animations: 'disabled' });
  process.stdout.write(`${file}\n`);
}

const platform = await TestPlatform.start();
const closeShop = openShop(platform, await platform.developmentKey());
const browser = await chromium.launch(config.use?.launchOptions);
try {
  await mkdir(folder, { recursive: true });
  process.stdout.write(`The shop is open for ${SHOP_SECONDS} s before the first picture.\n`);
  await wait(SHOP_SECONDS * 1000);
  const order = await eventually('a failed order', () => failedOrder(platform), 60_000);
  for (const scheme of ['dark', 'light'] as const) {
    const desktop = await open(browser, platform.url, DESKTOP, scheme);
    for (const { name, path } of pictures(order)) await take(desktop, path, `${name}-${scheme}.png`);
    const phone = await open(browser, platform.url, PHONE, scheme);
    for (const { name, phonePath } of pictures(order)) {
      if (phonePath) await take(phone, phonePath, `${name}-${scheme}-phone.png`);
    }
  }
} finally {
  await browser.close();
  await closeShop();
  await platform.dispose();
}
