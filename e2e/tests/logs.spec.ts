/** The logs explorer's main path, on what the OpenTelemetry SDK sends. */
import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import { logWithSdk } from '../../backend/test/support/sdk-logger.ts';
import { expect, test, type Server } from '../support/fixtures.ts';

/** A worker that begins anew after a failure does not find what the one before it sent. */
const SERVICE = `weaver${process.pid}`;
const WARN = 13;
const ERROR = 17;
let sent: Promise<void> | undefined;

/** 240 records of a loom, and 5 of a second process of it, over the last ten minutes. */
function sendOnce({ otlpUrl, key }: Server): Promise<void> {
  sent ??= (async () => {
    const resource = (host: string) => ({ 'service.name': SERVICE, 'host.name': host });
    await logWithSdk(otlpUrl, key, resource('loom-1'), [
      ...Array.from({ length: 200 }, (_, i) => ({
        body: `wove row ${i} of carpet ${i % 7}`,
        agoMs: 30_000 + i * 2_500,
        attributes: { 'carpet.color': i % 4 === 0 ? 'red' : 'blue', 'row.number': i },
      })),
      ...Array.from({ length: 30 }, (_, i) => ({
        body: `thread ${i} is thin`,
        severity: WARN,
        agoMs: 40_000 + i * 15_000,
        attributes: { 'carpet.color': 'green' },
      })),
      ...Array.from({ length: 9 }, (_, i) => ({
        body: { message: `loom stopped after ${i} rows`, cause: { part: 'shuttle', worn: true } },
        severity: ERROR,
        agoMs: 60_000 + i * 50_000,
      })),
      { body: '=HYPERLINK("http://evil.example","row")', agoMs: 20_000, attributes: { 'carpet.color': 'red' } },
    ]);
    await logWithSdk(
      otlpUrl,
      key,
      resource('loom-2'),
      Array.from({ length: 5 }, (_, i) => ({ body: `idle ${i}`, agoMs: 60_500 + i })),
    );
  })();
  return sent;
}

const page = (parameters = '') => `/telemetry/logs?from=now-15m&to=now&filter=service:${SERVICE}${parameters}`;

test.beforeEach(async ({ server }) => sendOnce(server));

test('facets count the whole range, and choosing in them narrows the list', async ({ app }) => {
  await app.goto(page());
  await expect(app.getByText('245 records', { exact: true })).toBeVisible();
  const facets = app.getByRole('complementary', { name: 'Filters' });
  await expect(facets.getByRole('listitem').filter({ hasText: 'WARN' })).toContainText('30');
  await expect(facets.getByRole('listitem').filter({ hasText: 'green' })).toContainText('30');
  await facets.getByRole('checkbox', { name: /ERROR/ }).click();
  await expect(app.getByText('9 records', { exact: true })).toBeVisible();
  // A facet counts what its own choices would bring.
  await expect(facets.getByRole('listitem').filter({ hasText: 'WARN' })).toContainText('30');
  await expect(
    app
      .getByRole('list')
      .getByText(/loom stopped after/)
      .first(),
  ).toBeVisible();
});

test('dragging over the volume zooms into it', async ({ app }) => {
  await app.goto(page());
  const chart = app.getByRole('img', { name: /Log records by severity/ });
  await expect(chart.locator('canvas')).toBeVisible();
  const box = await chart.boundingBox();
  if (!box) throw new Error('The chart has no size');
  const y = box.y + box.height / 2;
  await app.mouse.move(box.x + box.width * 0.7, y);
  await app.mouse.down();
  await app.mouse.move(box.x + box.width * 0.9, y, { steps: 5 });
  await app.mouse.up();
  await expect(app).toHaveURL(/from=\d{13}/);
});

test('a record: JSON folded, what was logged around it, and a link that opens it anywhere', async ({ app, server }) => {
  await app.goto(page('%20AND%20severity:error'));
  await app
    .getByRole('list')
    .getByText(/loom stopped after 0 rows/)
    .click();
  const drawer = app.getByRole('dialog');
  await expect(drawer.getByRole('button', { name: /cause/ })).toBeVisible();
  await expect(drawer.getByText('"shuttle"')).toBeVisible();
  await drawer.getByRole('button', { name: /cause/ }).click();
  await expect(drawer.getByText('"shuttle"')).toHaveCount(0);

  await drawer.getByRole('tab', { name: 'Context' }).click();
  const around = drawer.getByRole('list', { name: 'Records around this one' });
  await expect(around.getByText(/wove row/).first()).toBeVisible();
  await expect(around.getByText(/idle/)).toHaveCount(0);
  await expect(around.locator('[aria-current=true]')).toContainText('loom stopped after 0 rows');
  await expect(around.locator('[aria-current=true]')).toBeInViewport();
  await drawer.getByRole('radio', { name: 'This service' }).click();
  await expect(around.getByText('idle 0')).toBeVisible();

  const link = new URL(app.url());
  // Whoever is sent the link may look at another range and filter.
  link.searchParams.set('filter', 'service:payment');
  await app.goto(link.href);
  await expect(drawer.getByRole('tab', { name: 'Context' })).toHaveAttribute('aria-selected', 'true');
  await expect(around.locator('[aria-current=true]')).toContainText('loom stopped after 0 rows');
  expect(server.url).toBe(link.origin);
});

test('patterns: what differs is left out, and a pattern leads to its records', async ({ app }) => {
  await app.goto(page());
  await app.getByRole('tab', { name: 'Patterns' }).click();
  await expect(app).toHaveURL(/view=patterns/);
  await expect(app.getByText('From all 245 records.')).toBeVisible();
  const pattern = app.getByRole('button', { name: /thread ∗ is thin/ });
  await pattern.click();
  await expect(app.getByText('thread 0 is thin')).toBeVisible();
  await app.getByRole('button', { name: 'Show records' }).click();
  await expect(app.getByText('30 records', { exact: true })).toBeVisible();
  await expect(app).not.toHaveURL(/view=patterns/);
});

test('table: records counted by a field', async ({ app }) => {
  await app.goto(page('&view=table&by=carpet.color'));
  const row = app.getByRole('row').filter({ hasText: 'green' });
  await expect(row).toContainText('30');
  await row.getByRole('button', { name: 'green' }).click();
  await expect(app.getByText('30 records', { exact: true })).toBeVisible();
  expect(new URL(app.url()).searchParams.get('filter')).toContain('carpet.color:green');
});

test('columns and downloads: what is shown, and everything, safe for spreadsheets', async ({ app }) => {
  await app.goto(page('&columns=carpet.color,host.name'));
  await expect(app.getByText('host.name').first()).toBeVisible();
  await expect(app.getByRole('list').getByText('loom-1').first()).toBeVisible();
  for (const [item, rows] of [
    ['What is shown, as CSV', 201],
    ['Everything that matches, as CSV', 246],
  ] as const) {
    await app.getByRole('button', { name: 'Download' }).click();
    const download = app.waitForEvent('download');
    await app.getByRole('menuitem', { name: item }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/^logs-[\d-]{19}\.csv$/);
    const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n');
    expect(lines[0]).toContain('"carpet.color"');
    expect(lines).toHaveLength(rows);
    expect(lines.join('\n')).toContain(`"'=HYPERLINK(""http://evil.example"",""row"")"`);
    expect(lines.join('\n')).toContain('"red"');
  }
});

test('a name that nothing carries finds nothing, and says what may have been meant', async ({ app }) => {
  await app.goto(page('%20AND%20carpet.colour:red'));
  await expect(app.getByText('No log record in this range matches the filter.')).toBeVisible();
  await expect(app.getByRole('status').filter({ hasText: 'carpet.colour' })).toContainText('carpet.color');
});

test.describe('who may not export', () => {
  test.use({ user: 'viewer' });

  test('is offered what is shown only', async ({ app }) => {
    await app.goto(page());
    await app.getByRole('button', { name: 'Download' }).click();
    await expect(app.getByRole('menuitem', { name: 'What is shown, as CSV' })).toBeVisible();
    await expect(app.getByRole('menuitem', { name: /Everything that matches/ })).toHaveCount(0);
  });
});

for (const colorScheme of ['dark', 'light'] as const) {
  for (const width of [1440, 360]) {
    test(`every view, ${colorScheme}, ${width} px: whole and accessible`, async ({ app }) => {
      await app.emulateMedia({ colorScheme });
      await app.setViewportSize({ width, height: 800 });
      for (const view of ['list', 'patterns', 'table', 'live']) {
        await app.goto(page(view === 'list' ? '' : `&view=${view}`));
        await expect(app.getByText('245 records', { exact: true })).toBeVisible();
        await expect(app.getByRole('main').locator('[aria-busy=true]')).toHaveCount(0);
        const overhang = await app.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overhang, view).toBeLessThanOrEqual(0);
        const { violations } = await new AxeBuilder({ page: app }).analyze();
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(serious.map(({ id, nodes }) => `${view}: ${id}: ${nodes[0]?.html}`)).toEqual([]);
      }
    });
  }
}
