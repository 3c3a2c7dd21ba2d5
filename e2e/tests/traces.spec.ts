/** The traces explorer on what a small shop sends with the SDK. */
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { Shop } from '../../demo/src/shop.ts';
import { expect, test } from '../support/fixtures.ts';

const VISITS = 24;
const path = (query = '') => `/telemetry/traces?from=now-1h&to=now${query}`;
const param = (app: Page, name: string) => new URL(app.url()).searchParams.get(name) ?? '';
const show = (app: Page, name: string) => app.getByRole('radio', { name, exact: true }).click();

/** Presses, moves and releases, by shares of an element's box. */
async function drag(app: Page, target: Locator, from: [x: number, y: number], to: [x: number, y: number]) {
  const box = await target.boundingBox();
  if (!box) throw new Error('Nothing to drag over');
  const at = ([x, y]: [number, number]) => [box.x + box.width * x, box.y + box.height * y] as const;
  await app.mouse.move(...at(from));
  await app.mouse.down();
  await app.mouse.move(...at(to), { steps: 4 });
  await app.mouse.up();
}

test.beforeAll(async () => {
  const { TF_OTLP_URL: url = '', TF_KEY: key = '{}' } = process.env;
  const { keyId = '', keySecret = '' } = JSON.parse(key) as Record<string, string>;
  const shop = new Shop({ url, headers: { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret } });
  await shop.open();
  shop.outage = true;
  await Promise.all(Array.from({ length: VISITS }, () => shop.visit()));
  shop.outage = false;
  await shop.close();
});

test('facets count the whole range, and a piece of the durations is chosen from their histogram', async ({ app }) => {
  await app.goto(path());
  const operation = app.getByRole('checkbox', { name: /^SELECT shop/ });
  await expect(operation).toBeVisible();
  await expect(app.getByRole('checkbox', { name: /^\/cart\/:sku/ })).toBeVisible();
  await app.getByRole('checkbox', { name: /^fulfilment/ }).click();
  await expect.poll(() => param(app, 'filter')).toBe('service:fulfilment');
  await expect(operation).toBeHidden();

  await app.goto(path());
  const durations = app.getByRole('group', { name: 'Duration' });
  await expect(durations).toBeVisible();
  await drag(app, durations, [0.5, 0.3], [0.8, 0.3]);
  await expect.poll(() => param(app, 'filter')).toMatch(/^duration>=[\d.]+[um]?s AND duration<[\d.]+[um]?s$/);
  await app.getByTitle('Any duration').click();
  await expect.poll(() => param(app, 'filter')).toBe('');

  // The same by the keyboard: each end is a slider.
  await durations.getByRole('slider', { name: 'Lower end' }).focus();
  await app.keyboard.press('ArrowRight');
  await expect.poll(() => param(app, 'filter')).toMatch(/^duration>=[\d.]+[num]?s$/);
});

test('spans are listed with columns of choice, the slowest first, and open in their trace', async ({ app }) => {
  await app.goto(path('&columns=http.route,resource.service.version'));
  await show(app, 'Spans');
  await show(app, 'Slowest');
  await expect(app).toHaveURL(/of=spans.*sort=slowest/);
  const rows = app.getByRole('list', { name: 'Spans' }).getByRole('listitem');
  await expect(rows.first()).toBeVisible();
  await app.goto(
    path('&of=spans&columns=http.route,resource.service.version&filter=kind%3Aserver%20name%3A%22POST%20%2Fcharges%22'),
  );
  await expect(rows.first()).toContainText('/charges');
  await expect(rows.first()).toContainText('5.0.3');
  await rows.first().click();
  await expect(app).toHaveURL(/\/telemetry\/traces\/[0-9a-f]{32}\?.*span=[0-9a-f]{16}/);
  await expect(app.getByRole('dialog')).toContainText('POST /charges');
  await app.goBack();
  await expect(app).toHaveURL(/of=spans/);
  await expect(rows.first()).toContainText('/charges');
});

test('groups have their rate, errors and durations, and lead to their spans', async ({ app }) => {
  await app.goto(path('&show=table'));
  const table = app.getByRole('region', { name: 'Rate, errors and durations by group' });
  const group = table.getByRole('row', { name: /payment authorize card/ });
  await expect(group).toContainText('%');
  await expect(group).toContainText(/\d\s[µm]?s/);
  await table.getByRole('button', { name: 'Errors' }).click();
  await expect.poll(() => param(app, 'order')).toBe('errors');
  await expect(table.getByRole('row').nth(1)).toContainText(/[1-9][\d.]*\s%/);
  await group.getByRole('button').click();
  await expect.poll(() => param(app, 'filter')).toBe('service.name:payment AND name:"authorize card"');
  await expect(app.getByRole('list', { name: 'Traces' }).getByRole('listitem').first()).toBeVisible();
});

test('a region of the heatmap is compared with the rest', async ({ app }) => {
  await app.goto(path('&show=heatmap&filter=service%3A(payment%20OR%20checkout%20OR%20storefront%20OR%20cart)'));
  const map = app.getByRole('img', { name: /^Spans by time and value/ });
  await expect(map).toBeVisible();
  await drag(app, map, [0.2, 0.06], [0.98, 0.3]);
  await expect.poll(() => param(app, 'region')).toMatch(/^\d+,\d+,\d+,\d+$/);
  const comparison = app.getByRole('region', { name: 'Compared with normal' });
  await expect(comparison.getByText(/^\s*[\d\s]+ selected\s*$/)).toBeVisible();
  await comparison.getByRole('button', { name: 'End comparison' }).click();
  await expect(comparison).toBeHidden();

  await app.getByRole('button', { name: 'Compare errors with the rest' }).click();
  await expect.poll(() => param(app, 'compare')).toBe('status:error');
  await expect(comparison.getByText('http.response.status_code')).toBeVisible();
  const unavailable = comparison.getByRole('listitem').filter({ hasText: /^\s*503/ });
  await unavailable.hover();
  await unavailable.getByRole('button', { name: /^Include/ }).click();
  await expect.poll(() => param(app, 'filter')).toContain('http.response.status_code:503');
});

test('what was marked is shown as a list, by its time and durations', async ({ app }) => {
  const now = Date.now();
  await app.goto(path(`&show=heatmap&region=${now - 1_800_000},${now},100000000,2000000000`));
  await app.getByRole('button', { name: 'Show these spans' }).click();
  await expect.poll(() => param(app, 'filter')).toBe('duration>=100ms AND duration<2s');
  expect(param(app, 'to')).toBe(String(now));
  expect(param(app, 'region')).toBe('');
  await expect(app.getByRole('list', { name: 'Traces' }).getByRole('listitem').first()).toBeVisible();
});

test('a field that nothing carries finds nothing, and says what is near', async ({ app }) => {
  await app.goto(path('&filter=http.rout%3A%2Fcharges'));
  await expect(app.getByText(/Nothing carries http\.rout/)).toContainText('http.route');
  await expect(app.getByText('No trace in this range matches the filter.')).toBeVisible();
});

test.describe('bad input', () => {
  test.use({ tolerated: ['400'] });

  test('a filter that only the server can judge is explained too', async ({ app }) => {
    await app.goto(path('&filter=duration%3A%3Efast'));
    await expect(app.getByRole('alert').filter({ hasText: 'expected a duration' }).first()).toBeVisible();
  });
});

for (const scheme of ['dark', 'light'] as const) {
  test(`every way to show the results is accessible, ${scheme}`, async ({ app }) => {
    test.setTimeout(180_000);
    await app.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const query of ['&of=spans', '&show=scatter', '&show=heatmap&compare=status:error', '&show=table']) {
      await app.goto(path(query));
      await expect(app.getByRole('checkbox', { name: /payment/ })).toBeVisible();
      await app.waitForLoadState('networkidle');
      const { violations } = await new AxeBuilder({ page: app }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => `${query}: ${id} ${nodes[0]?.target.join(' ')}`)).toEqual([]);
    }
  });
}

test('nothing scrolls sideways on a phone', async ({ app }) => {
  await app.setViewportSize({ width: 360, height: 740 });
  for (const query of ['', '&of=spans&columns=http.route', '&show=heatmap&compare=status:error', '&show=table']) {
    await app.goto(path(query));
    await app.waitForLoadState('networkidle');
    const overflow = await app.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, query).toBeLessThanOrEqual(0);
  }
  await app.getByRole('button', { name: 'Filters' }).click();
  await expect(app.getByRole('group', { name: 'Duration' })).toBeVisible();
});
