/** What holds on every screen: both themes, phone width, keyboard, accessibility, weight, language. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test, users } from '../support/fixtures.ts';
import { orderTraceId } from '../support/telemetry.ts';

const screens = [
  '/overview',
  '/services',
  '/telemetry/traces',
  `/telemetry/traces/${orderTraceId}`,
  '/telemetry/logs',
  '/telemetry/metrics',
  '/telemetry/metrics?metric=shop.orders',
  '/telemetry/query?q=spans%20%7C%20p95(duration)%2C%20count%20by%20service.name',
  '/settings/users',
  '/settings/groups',
  '/settings/roles',
  '/settings/permission-matrix',
  '/settings/assignments',
  '/settings/hierarchy',
  '/settings/api-keys',
  '/settings/audit',
  '/get-started',
];

for (const scheme of ['dark', 'light'] as const) {
  test(`no serious accessibility finding on any screen, ${scheme}`, async ({ app }) => {
    test.setTimeout(300_000);
    await app.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const path of screens) {
      await app.goto(path);
      await expect(app.getByRole('main').first()).toBeVisible();
      await app.waitForLoadState('networkidle');
      const { violations } = await new AxeBuilder({ page: app }).analyze();
      const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
      expect(
        serious.map(
          (v) =>
            `${path}: ${v.id} ${v.nodes
              .map((n) => n.target.join(' '))
              .slice(0, 3)
              .join(' | ')}`,
        ),
      ).toEqual([]);
    }
  });
}

for (const width of [360, 768]) {
  test(`no screen scrolls sideways at ${width} px`, async ({ app }) => {
    test.setTimeout(240_000);
    await app.setViewportSize({ width, height: 740 });
    for (const path of screens) {
      await app.goto(path);
      await app.waitForLoadState('networkidle');
      const overflow = await app.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, path).toBeLessThanOrEqual(0);
    }
  });
}

test('the time range survives navigation and a reversed one is refused', async ({ app }) => {
  await app.goto('/telemetry/logs?from=now-1h&to=now');
  await app.getByRole('link', { name: 'Traces' }).first().click();
  await expect(app).toHaveURL(/from=now-1h/);
  await app.getByRole('button', { name: /Time range/ }).click();
  await app.getByLabel('From', { exact: true }).fill('now');
  await app.getByLabel('To', { exact: true }).fill('now-1h');
  await app.getByRole('button', { name: 'Apply range' }).click();
  await expect(app.getByText('The end must be after the start.')).toBeVisible();
});

test('keys go places', async ({ app }) => {
  await app.goto('/overview');
  await expect(app.getByRole('heading', { name: 'Overview' })).toBeVisible();
  for (const [keys, path] of [
    ['gt', '/telemetry/traces'],
    ['gl', '/telemetry/logs'],
    ['gm', '/telemetry/metrics'],
  ] as const) {
    for (const key of keys) await app.keyboard.press(key);
    await expect(app).toHaveURL(new RegExp(path));
  }
  await app.keyboard.press('?');
  await expect(app.getByRole('heading', { name: 'Keyboard shortcuts' })).toBeVisible();
  await app.keyboard.press('Escape');
  await app.keyboard.press('Control+k');
  await app.keyboard.type('api keys');
  await app.keyboard.press('Enter');
  await expect(app).toHaveURL(/settings\/api-keys/);
});

test('a trace, its spans and a log record are read without a mouse', async ({ watched: app }) => {
  await app.goto('/login');
  await expect(app.getByLabel('E-mail')).toBeFocused();
  await app.keyboard.type(users.administrator.email);
  await app.keyboard.press('Tab');
  await app.keyboard.type(users.administrator.password);
  await app.keyboard.press('Enter');
  await expect(app.getByRole('heading', { name: 'Overview' })).toBeVisible();

  for (const key of 'gt') await app.keyboard.press(key);
  await expect(app.getByRole('list', { name: 'Traces' }).getByRole('listitem').first()).toBeVisible();
  await app.keyboard.press('/');
  await app.keyboard.type('status:error');
  await app.keyboard.press('Enter');
  await expect(app.getByRole('list', { name: 'Traces' }).getByRole('listitem')).toHaveCount(1);
  await app.keyboard.press('Escape');
  await app.keyboard.press('j');
  await app.keyboard.press('Enter');
  await expect(app).toHaveURL(new RegExp(orderTraceId));
  const spans = app.getByRole('treeitem');
  await expect(spans).toHaveCount(5);
  await app.keyboard.press('j');
  await app.keyboard.press('Enter');
  const drawer = app.getByRole('dialog');
  await expect(drawer).toBeFocused();
  const tab = drawer.getByRole('tab', { selected: true });
  while (!(await tab.evaluate((element) => element === document.activeElement))) await app.keyboard.press('Tab');
  await app.keyboard.press('ArrowRight');
  await expect(tab).toHaveText(/Events/);
  await app.keyboard.press('Escape');
  await expect(drawer).toHaveCount(0);

  for (const key of 'gl') await app.keyboard.press(key);
  await expect(app.getByText(/card charged for order/).first()).toBeVisible();
  await app.keyboard.press('j');
  await app.keyboard.press('Enter');
  await expect(drawer).toBeFocused();
  await app.keyboard.press('Escape');
  await expect(drawer).toHaveCount(0);
});

test('what opens takes the focus, and Escape closes it and gives the focus back', async ({ app }) => {
  for (const name of [/^Time range/, /^Switch organization/, /account, theme, language$/i]) {
    const button = app.getByRole('button', { name });
    await button.focus();
    await app.keyboard.press('Enter');
    const dialog = app.getByRole('dialog');
    await expect(dialog).toBeVisible();
    await expect.poll(() => dialog.evaluate((element) => element.contains(document.activeElement))).toBe(true);
    await app.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await expect(button).toBeFocused();
  }
  await app.setViewportSize({ width: 360, height: 740 });
  const more = app.getByRole('button', { name: 'More' });
  await more.focus();
  await app.keyboard.press('Enter');
  await expect(app.getByRole('dialog')).toBeFocused();
  await app.keyboard.press('Escape');
  await expect(app.getByRole('dialog')).toHaveCount(0);
  await expect(more).toBeFocused();
});

test.describe('what a person prefers', () => {
  test.use({ user: 'developer' });

  test('the theme is kept over a reload', async ({ app }) => {
    await app.emulateMedia({ colorScheme: 'dark' });
    const background = () => app.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await background();
    await app.getByRole('button', { name: /account, theme, language/i }).click();
    await app.getByText('Light', { exact: true }).click();
    await expect.poll(background).not.toBe(dark);
    const light = await background();
    await app.reload();
    await expect(app.getByRole('heading', { name: 'Overview' })).toBeVisible();
    expect(await background()).toBe(light);
  });

  test('the interface speaks Indonesian too', async ({ app }) => {
    await app.getByRole('button', { name: /account, theme, language/i }).click();
    await app.getByText('Bahasa Indonesia').click();
    await expect(app.locator('html')).toHaveAttribute('lang', 'id');
    await app.reload();
    await expect(app.locator('html')).toHaveAttribute('lang', 'id');
  });
});

test('the first load is under 400 KB compressed, charts aside', async ({ app, browser, server }) => {
  await app.goto('/overview');
  const context = await browser.newContext({ storageState: await app.context().storageState() });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  const urls = new Map<string, string>();
  let bytes = 0;
  session.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, response.url));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId) ?? '';
    if (url.startsWith(server.url) && !url.includes('/api/') && !url.includes('echarts')) bytes += encodedDataLength;
  });
  await page.goto(`${server.url}/overview`);
  await page.waitForLoadState('networkidle');
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThan(400 * 1024);
  await context.close();
});
