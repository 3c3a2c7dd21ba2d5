/** Services, their map and their pages, on what a small shop sends with the SDK. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { Shop } from '../../demo/src/shop.ts';
import { expect, test } from '../support/fixtures.ts';

const VISITS = 16;
const RANGE = 'from=now-1h&to=now';
const param = (app: Page, name: string) => new URL(app.url()).searchParams.get(name) ?? '';
const node = (app: Page, name: RegExp) => app.getByRole('button', { name });

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

test('services are sorted by what is asked, and each leads to its page', async ({ app }) => {
  await app.goto(`/services?${RANGE}`);
  const rows = app.getByRole('row');
  await expect(rows.filter({ hasText: 'storefront' })).toContainText('req/s');
  await expect(rows.filter({ hasText: 'storefront' }).locator('svg')).toHaveCount(3);
  await app.getByRole('button', { name: 'Service', exact: true }).click();
  await expect(rows.nth(1)).toContainText('cart');
  await app.getByLabel('Filter services').fill('check');
  await expect(rows).toHaveCount(2);
  await app.getByRole('link', { name: 'checkout' }).click();
  await expect(app).toHaveURL(/\/services\/checkout/);
  await expect(app.getByRole('heading', { name: 'checkout' })).toBeVisible();
});

test('the map shows who calls whom, and a node its callers and what it calls', async ({ app }) => {
  await app.goto(`/services?${RANGE}`);
  await app.getByRole('radio', { name: 'Map' }).click();
  await expect.poll(() => param(app, 'view')).toBe('map');
  await node(app, /^Service checkout /).click();
  await expect.poll(() => param(app, 'node')).toBe('service:checkout');
  const drawer = app.getByRole('dialog', { name: 'checkout' });
  await expect(drawer.getByRole('table', { name: 'Called by' }).getByRole('row', { name: /storefront/ })).toBeVisible();
  await expect(drawer.getByRole('table', { name: 'Calls' }).getByRole('row', { name: /payment/ })).toContainText(
    'req/s',
  );
  await expect(drawer.getByRole('table', { name: 'Calls' }).getByRole('row', { name: /sqlite/ })).toBeVisible();
  // Only its neighbours: cart is none of them.
  await drawer.getByRole('button', { name: 'Only its neighbours' }).click();
  await expect(node(app, /^Service cart /)).toHaveCount(0);
  await expect(node(app, /^Service payment /)).toBeVisible();
  await app.getByRole('button', { name: 'Show everything again' }).click();
  await expect(node(app, /^Service cart /)).toBeVisible();
  await app.keyboard.press('Escape');
  await expect.poll(() => param(app, 'node')).toBe('');

  await app.getByRole('radio', { name: 'Calls' }).click();
  const calls = app.getByRole('table', { name: 'Calls' });
  await expect(calls.getByRole('row', { name: /checkout payment/ })).toContainText('%');
});

test('a service has its operations, errors, versions and logs', async ({ app }) => {
  await app.goto(`/services/payment?${RANGE}`);
  const operations = app.getByRole('table', { name: 'Operations' });
  await expect(operations.getByRole('row', { name: /POST \/charges/ })).toContainText('req/s');
  await expect(app.getByRole('table', { name: 'Called by' }).getByRole('link', { name: 'checkout' })).toBeVisible();

  await app.getByRole('tab', { name: 'Errors' }).click();
  const errors = app.getByRole('table', { name: 'Errors' });
  await errors.getByRole('button').first().click();
  await expect.poll(() => param(app, 'error')).toMatch(/^[0-9a-f]{16}$/);
  await app.getByRole('dialog').getByRole('link', { name: 'Open its trace' }).click();
  await expect(app).toHaveURL(/\/telemetry\/traces\/[0-9a-f]{32}\?.*span=[0-9a-f]{16}/);
  await app.goBack();

  await app.goto(`/services/payment?${RANGE}&tab=deploys`);
  await expect(app.getByRole('table', { name: 'Deploys' }).getByRole('row', { name: /5\.0\.3/ })).toBeVisible();
  await app.getByRole('tab', { name: 'Logs' }).click();
  await app.getByLabel('Warnings and errors only').check();
  await app.getByRole('main').getByRole('listitem').getByRole('link').first().click();
  await expect(app).toHaveURL(/\/telemetry\/logs\?.*record=\d+/);
});

test('a view is saved under a name, found in the palette, and deleted', async ({ app }) => {
  const name = `Failing charges ${process.pid}`;
  await app.goto(`/services?${RANGE}&search=pay`);
  await app.getByRole('button', { name: 'Views' }).click();
  await app.getByRole('button', { name: 'Save this view' }).click();
  const dialog = app.getByRole('dialog', { name: 'Save this view' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByRole('button', { name: 'Save view' }).click();
  await expect(dialog).toBeHidden();

  await app.goto('/overview');
  await expect(app.getByRole('heading', { name: 'Overview' })).toBeVisible();
  await app.keyboard.press('Control+k');
  await app.getByRole('combobox').fill(name);
  await app.getByRole('option', { name: new RegExp(name) }).click();
  await expect.poll(() => param(app, 'search')).toBe('pay');
  expect(param(app, 'from')).toBe('now-1h');

  await app.getByRole('button', { name: 'Views' }).click();
  await app.getByRole('button', { name: `Delete ${name}` }).click();
  await app.getByRole('dialog').getByRole('button', { name: 'Delete view' }).click();
  await app.getByRole('button', { name: 'Views' }).click();
  await expect(app.getByRole('dialog', { name: 'Views' }).getByText(name)).toHaveCount(0);
});

test('< and > go through the ranges that were looked at', async ({ app }) => {
  await app.goto(`/services?from=now-30m&to=now`);
  await app.getByRole('button', { name: /Time range/ }).click();
  await app.getByRole('button', { name: 'Last 1 hour' }).click();
  await expect.poll(() => param(app, 'from')).toBe('now-1h');
  await expect(app.getByRole('dialog')).toHaveCount(0);
  await app.keyboard.press('<');
  await expect.poll(() => param(app, 'from')).toBe('now-30m');
  await app.keyboard.press('>');
  await expect.poll(() => param(app, 'from')).toBe('now-1h');
});

for (const colorScheme of ['dark', 'light'] as const) {
  for (const width of [1440, 360]) {
    test(`every view, ${colorScheme}, ${width} px: whole and accessible`, async ({ app }) => {
      test.slow();
      await app.emulateMedia({ colorScheme });
      await app.setViewportSize({ width, height: 800 });
      const pages = ['/services?', '/services?view=map&', '/services?view=calls&'];
      const tabs = ['overview', 'errors', 'deploys', 'logs', 'infrastructure'];
      for (const page of [...pages, ...tabs.map((tab) => `/services/checkout?tab=${tab}&`)]) {
        await app.goto(`${page}${RANGE}`);
        await expect(
          app
            .getByRole('main')
            .getByText(/storefront|checkout/)
            .filter({ visible: true })
            .first(),
        ).toBeVisible();
        await expect(app.getByRole('main').locator('[aria-busy=true]')).toHaveCount(0);
        const overhang = await app.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overhang, page).toBeLessThanOrEqual(0);
        const { violations } = await new AxeBuilder({ page: app }).analyze();
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id, nodes }) => `${page}: ${id}: ${nodes[0]?.html}`)).toEqual([]);
      }
    });
  }
}
