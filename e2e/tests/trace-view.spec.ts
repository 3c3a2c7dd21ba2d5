/** One trace, as people read it: waterfall, search, logs, flame graph, map, table, span; also when it is large. */
import { randomBytes } from 'node:crypto';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { expect, type Server, test } from '../support/fixtures.ts';
import { orderTraceId } from '../support/telemetry.ts';

const path = (query = '') => `/telemetry/traces/${orderTraceId}${query}`;
const rows = (page: Page) => page.getByRole('treeitem');
const search = (page: Page) => page.getByRole('searchbox');

test('the waterfall: spans as a tree, the logs of a span below it, folding by key', async ({ app }) => {
  await app.goto(path());
  await expect(rows(app)).toHaveCount(6);
  await expect(rows(app).nth(5)).toContainText('payment declined: acquirer did not answer');
  await app.getByRole('button', { name: /^1 log record/ }).click();
  await expect(rows(app)).toHaveCount(5);
  await app.getByRole('button', { name: /^1 log record/ }).click();
  await app.getByRole('tree').focus();
  await app.keyboard.press('ArrowDown');
  await app.keyboard.press('ArrowLeft');
  await expect(rows(app)).toHaveCount(1);
  await app.keyboard.press('ArrowRight');
  await expect(rows(app)).toHaveCount(6);
  await app.getByRole('button', { name: 'Go to the first error' }).or(app.getByTitle('Go to the first error')).click();
  await expect(app.getByRole('dialog')).toContainText('payment declined');
});

test('search within: words and filters, from match to match', async ({ app }) => {
  await app.goto(path());
  await search(app).fill('payment.attempts:3');
  await expect(app.getByRole('status')).toContainText('1 match');
  await search(app).press('Enter');
  await expect(app).toHaveURL(/span=/);
  await expect(app.getByRole('dialog').getByRole('heading', { name: 'authorize card' })).toBeVisible();
  await app.keyboard.press('Escape');
  await search(app).fill('duration>1s');
  await expect(app.getByRole('status')).toContainText('3 matches');
  await search(app).press('Enter');
  await expect(app.getByRole('status')).toContainText('1 / 3 matches');
  await search(app).fill('duration>');
  await expect(app.getByRole('alert')).toBeVisible();
});

test('flame graph, map and table tell where the time went, and lead back to the spans', async ({ app }) => {
  await app.goto(path());
  await app.getByRole('radio', { name: 'Flame' }).click();
  await expect(app).toHaveURL(/tab=flame/);
  const frame = app.getByRole('button', { name: /^payment authorize card, 840 ms/ });
  await frame.click();
  await expect(app.getByRole('status')).toContainText('Self time 840 ms');
  await app.getByRole('button', { name: 'Find its spans' }).click();
  await expect(search(app)).toHaveValue('service.name:payment AND name:"authorize card"');
  await expect(app.getByRole('status')).toContainText('1 match');

  await app.getByRole('radio', { name: 'Map' }).click();
  const map = app.getByRole('group', { name: /Services of the trace/ });
  for (const name of ['storefront', 'checkout', 'payment', 'postgresql'])
    await expect(map.getByText(name)).toBeVisible();
  await expect(map.getByText('1 × 120 ms')).toBeVisible();
  // Where it is wider than a phone, the first caller is in the middle.
  await app.setViewportSize({ width: 360, height: 740 });
  const middle = async (shown: Locator) => {
    const box = await shown.boundingBox();
    return box && box.x + box.width / 2;
  };
  const first = map.getByRole('button', { name: /storefront/ });
  await expect.poll(async () => Math.abs((await middle(first))! - (await middle(map))!)).toBeLessThan(2);
  await app.setViewportSize({ width: 1440, height: 900 });

  await app.getByRole('radio', { name: 'Table' }).click();
  const table = app.getByRole('table', { name: 'Operations of the trace' });
  await expect(table.getByRole('row')).toHaveCount(6);
  // By self time: what was waited for is not counted again.
  await expect(table.getByRole('row').nth(1)).toContainText('authorize card');
  await table.getByRole('button', { name: 'Total' }).click();
  await expect(table.getByRole('row').nth(1)).toContainText('POST /orders');
});

test.describe('with a server that is away', () => {
  test.use({ tolerated: ['ERR_FAILED'] });

  test('the map tells when it could not be asked whom the spans call, and asks again', async ({ app }) => {
    await app.route('**/peers', (route) => route.abort());
    await app.goto(path('?tab=map'));
    const map = app.getByRole('group', { name: /Services of the trace/ });
    await expect(app.getByText('This could not be loaded.')).toBeVisible();
    await expect(map).toHaveCount(0);
    await app.unroute('**/peers');
    await app.getByRole('button', { name: 'Retry' }).click();
    await expect(map.getByText('postgresql')).toBeVisible();
  });
});

test.describe('a span', () => {
  test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

  test('is copied as traceparent, and leads to spans like it', async ({ app }) => {
    await app.goto(path());
    await rows(app).filter({ hasText: 'authorize card' }).click();
    const drawer = app.getByRole('dialog');
    await expect(drawer.getByText('payment.attempts')).toBeVisible();
    await drawer.getByRole('button', { name: 'Actions' }).click();
    await app.getByRole('menuitem', { name: 'Copy as traceparent' }).click();
    const spanId = new URL(app.url()).searchParams.get('span') ?? '';
    await expect
      .poll(() => app.evaluate(() => navigator.clipboard.readText()))
      .toMatch(new RegExp(`^00-${orderTraceId}-${spanId}-[0-9a-f]{2}$`));
    await drawer.getByRole('button', { name: 'Actions' }).click();
    await app.getByRole('menuitem', { name: 'Show spans like this' }).click();
    await expect(app).toHaveURL(/of=spans/);
    expect(new URL(app.url()).searchParams.get('filter')).toBe('service.name:payment AND name:"authorize card"');
  });
});

for (const colorScheme of ['dark', 'light'] as const) {
  test(`${colorScheme}: every view fits a phone and is accessible`, async ({ app }) => {
    await app.emulateMedia({ colorScheme });
    for (const [tab, landmark] of [
      ['', 'tree'],
      ['flame', 'list'],
      ['map', 'group'],
      ['table', 'table'],
    ] as const) {
      await app.setViewportSize({ width: 1440, height: 900 });
      await app.goto(path(tab && `?tab=${tab}`));
      await expect(app.getByRole(landmark).first()).toBeVisible();
      await expect(app.getByText('POST /orders').first()).toBeVisible();
      const { violations } = await new AxeBuilder({ page: app }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => `${tab} ${id}: ${nodes[0]?.html}`)).toEqual([]);
      await app.setViewportSize({ width: 360, height: 740 });
      await expect
        .poll(() => app.evaluate(() => document.documentElement.scrollWidth - innerWidth), { message: tab })
        .toBe(0);
    }
  });
}

test('a trace of 50,000 spans: few rows in the page, every span within reach', async ({ app, server }) => {
  test.setTimeout(180_000);
  const traceId = randomBytes(16).toString('hex');
  await sendLargeTrace(server, traceId, 50_000);
  await expect.poll(() => spanCount(app, server, traceId), { timeout: 60_000 }).toBe(50_000);
  await app.goto(`/telemetry/traces/${traceId}`);
  await expect(app.getByText('50 000 spans')).toBeVisible();
  await expect(rows(app).first()).toContainText('root');
  expect(await rows(app).count()).toBeLessThan(120);
  await app.getByRole('tree').evaluate((tree) => tree.scrollTo(0, tree.scrollHeight));
  await expect(rows(app).filter({ hasText: 'step 49999' })).toBeVisible();
  await search(app).fill('name:"step 31337"');
  await expect(app.getByRole('status')).toContainText('1 match');
  await search(app).press('Enter');
  await expect(rows(app).filter({ hasText: 'step 31337' })).toBeVisible();
  await app.keyboard.press('Escape');
  await app.getByRole('button', { name: 'Collapse all' }).click();
  // The root and its 50 groups.
  await expect(app.getByRole('tree').locator('> div')).toHaveCSS('height', `${51 * 26}px`);
  await app.getByRole('radio', { name: 'Flame' }).click();
  await expect(app.getByRole('button', { name: /^bulk root/ })).toBeVisible();
});

/** A root, 50 spans below it, and all others below these, one after another. */
async function sendLargeTrace({ otlpUrl, key }: Server, traceId: string, count: number): Promise<void> {
  const startMs = Date.now() - 60_000;
  const nano = (ms: number) => `${BigInt(Math.round((startMs + ms) * 1_000)) * 1_000n}`;
  const id = (n: number) => (n + 1).toString(16).padStart(16, '0');
  const spans = Array.from({ length: count }, (_, n) => {
    const group = n === 0 ? 0 : n <= 50 ? 0 : 1 + (n % 50);
    const [from, length] = n === 0 ? [0, 50_000] : n <= 50 ? [n, 49_000] : [100 + n * 0.9, 0.9];
    return {
      traceId,
      spanId: id(n),
      ...(n === 0 ? {} : { parentSpanId: id(group) }),
      name: n === 0 ? 'root' : n <= 50 ? `group ${n}` : `step ${n}`,
      kind: 1,
      startTimeUnixNano: nano(from),
      endTimeUnixNano: nano(from + length),
    };
  });
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'bulk' } }] };
  for (let i = 0; i < spans.length; i += 10_000) {
    const response = await fetch(`${otlpUrl}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: spans.slice(i, i + 10_000) }] }] }),
    });
    expect(response.status).toBe(200);
  }
}

async function spanCount(app: Page, { url }: Server, traceId: string): Promise<number> {
  const login = await app.request.post(`${url}/api/v2/auth/login`, {
    data: { email: 'viewer.telemetryflow@telemetryflow.id', password: 'Viewer@123456' },
  });
  const { access_token: token } = (await login.json()) as { access_token: string };
  const outline = await app.request.get(`${url}/api/v2/telemetry/traces/${traceId}/outline`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return outline.ok() ? ((await outline.json()) as { spanIds: string[] }).spanIds.length : 0;
}
