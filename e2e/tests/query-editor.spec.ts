/** The query editor: what it offers, what its keys do, and what it says of a filter that can't be read. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';

const filterOf = (page: Page) => new URL(page.url()).searchParams.get('filter') ?? '';
const offers = (page: Page) => page.getByRole('listbox', { name: 'Completions' });

/** The editor itself, once it has taken the place of the plain field. */
async function editor(page: Page, path = '/telemetry/logs') {
  await page.goto(path);
  const query = page.getByRole('textbox', { name: 'Query' }).and(page.locator('.cm-content'));
  await expect(query).toBeVisible();
  return query;
}

test('completes fields, and of their values those that the rest of the filter finds', async ({ app }) => {
  const query = await editor(app);
  await app.keyboard.press('/');
  await expect(query).toBeFocused();
  await app.keyboard.type('sever');
  await expect(offers(app).getByRole('option', { name: /^severity/ })).toBeVisible();
  await app.keyboard.press('Tab');
  await expect(query).toHaveText('severity:');
  await app.keyboard.type('err');
  await expect(offers(app).getByRole('option')).toHaveText(['error']);
  await app.keyboard.press('Tab');
  await app.keyboard.type(' AND order.id:');
  // Of the 121 orders, the one whose record is an error.
  await expect(offers(app).getByRole('option')).toHaveText(['4711']);
  await app.keyboard.press('Tab');
  await expect(query).toHaveText('severity:error AND order.id:4711');
  await app.keyboard.press('Enter');
  await expect.poll(() => filterOf(app)).toBe('severity:error AND order.id:4711');
  await expect(app.getByText('payment declined: acquirer did not answer').first()).toBeVisible();
});

test('quotes a value where it has to be', async ({ app }) => {
  const query = await editor(app, '/telemetry/traces');
  await query.click();
  await app.keyboard.type('name:POST');
  await offers(app).getByRole('option', { name: 'POST /orders' }).click();
  await expect(query).toHaveText('name:"POST /orders"');
});

test('Enter runs what is written, unless an offer was chosen; Esc closes the offers, then leaves', async ({ app }) => {
  const query = await editor(app);
  await query.click();
  await app.keyboard.type('pay');
  await expect(offers(app)).toBeVisible();
  await app.keyboard.press('Enter');
  await expect.poll(() => filterOf(app)).toBe('pay');
  await query.fill('severi');
  await expect(offers(app)).toBeVisible();
  await app.keyboard.press('ArrowDown');
  await app.keyboard.press('Enter');
  await expect(query).toHaveText('severity:');
  await expect(offers(app)).toBeVisible();
  await app.keyboard.press('Escape');
  await expect(offers(app)).toBeHidden();
  await expect(query).toBeFocused();
  await app.keyboard.press('Escape');
  await expect(query).not.toBeFocused();
  expect(filterOf(app)).toBe('pay');
});

test('shows an error under its character, and nothing is asked', async ({ app }) => {
  const query = await editor(app);
  await query.fill('severity:error AND (order.id:4711');
  await app.keyboard.press('Control+Enter');
  await expect(app.getByRole('alert')).toContainText('never closed; add a closing )');
  await expect(query).toHaveAttribute('aria-invalid', 'true');
  await expect(app.locator('.tf-query-error')).toHaveText('(');
  expect(filterOf(app)).toBe('');
});

for (const scheme of ['dark', 'light'] as const) {
  test(`has no serious accessibility finding, offers open, ${scheme}`, async ({ app }) => {
    await app.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    const query = await editor(app);
    await query.fill('severity:error AND "text" duration>5ms serv');
    await expect(offers(app)).toBeVisible();
    const { violations } = await new AxeBuilder({ page: app }).include('.cm-editor').include('.cm-tooltip').analyze();
    expect(violations.filter((v) => v.impact === 'serious' || v.impact === 'critical').map((v) => v.id)).toEqual([]);
  });
}

test('wraps at 360 px', async ({ app }) => {
  await app.setViewportSize({ width: 360, height: 740 });
  const query = await editor(app);
  const line = (await query.boundingBox())!.height;
  await query.fill('severity:error AND order.id:4711 AND service.name:payment AND payment.attempts>=3');
  expect((await query.boundingBox())!.height).toBeGreaterThan(line);
  expect(await app.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});

test('statements over spans: completed stage by stage, charted, formatted, and in the URL', async ({ app }) => {
  await app.goto('/telemetry/query');
  const query = app.getByRole('textbox', { name: 'TFQL statements' }).and(app.locator('.cm-content'));
  await query.click();
  await app.keyboard.type('spans | co');
  await expect(offers(app).getByRole('option', { name: 'count', exact: true })).toBeVisible();
  await query.fill('spans   kind:server|count,count where status:error as errors by service.name | sort by er');
  await expect(offers(app).getByRole('option')).toHaveText(['errors', 'service.name']);
  await app.keyboard.press('Tab');
  await app.keyboard.press('Enter');
  const answer = app.getByRole('region', { name: 'A', exact: true });
  await expect(answer.getByRole('row', { name: /storefront/ }).last()).toContainText(/\d\sspan/);
  await app.getByRole('button', { name: 'Format' }).click();
  const canonical =
    'spans kind:server | count, count where status:error as errors by service.name | sort by errors desc';
  await expect.poll(() => new URL(app.url()).searchParams.get('q')).toBe(canonical);
  await expect(query).toHaveText(canonical);
  await query.fill('spans | cuont');
  await app.keyboard.press('Control+Enter');
  await expect(app.getByRole('alert')).toContainText('did you mean count?');
});

test('statements with a formula', async ({ app }) => {
  await app.goto('/telemetry/query');
  await app.getByRole('button', { name: /^A = spans/ }).click();
  const formula = app.getByRole('region', { name: 'F1', exact: true });
  await expect(formula.getByRole('row', { name: /payment/ }).last()).toContainText(/\d\s%/);
});
