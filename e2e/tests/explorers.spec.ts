/** The main path of each explorer on real data. */
import { expect, test } from '../support/fixtures.ts';
import { orderTraceId } from '../support/telemetry.ts';

test('overview: counts, charts and services that lead to their pages', async ({ app }) => {
  await app.goto('/overview');
  await expect(app.getByText('Request rate')).toBeVisible();
  for (const service of ['storefront', 'checkout', 'payment'])
    await expect(app.getByRole('link', { name: service }).first()).toBeVisible();
  await app.getByRole('link', { name: 'checkout' }).first().click();
  await expect(app).toHaveURL(/\/services\/checkout/);
});

test('traces: filter, open, waterfall, span drawer with attributes, events and logs', async ({ app }) => {
  await app.goto('/telemetry/traces');
  await expect(app.getByText('POST /orders').first()).toBeVisible();
  const query = app
    .getByRole('textbox', { name: 'Query' })
    .or(app.getByRole('combobox', { name: 'Query' }))
    .first();
  await query.fill('status:error AND duration:>1s');
  await query.press('Enter');
  await expect(app).toHaveURL(/filter=/);
  const row = app.getByRole('list', { name: 'Traces' }).getByRole('listitem');
  await expect(row).toHaveCount(1);
  await expect(row).toContainText('1.24 s');
  await row.click();
  await expect(app).toHaveURL(new RegExp(orderTraceId));

  for (const name of ['POST /orders', 'POST /charge', 'SELECT carts', 'authorize card'])
    await expect(app.getByText(name).first()).toBeVisible();
  await expect(app.getByText(/5 spans/).first()).toBeVisible();
  await expect(app.getByText(/3 services/).first()).toBeVisible();
  await app.getByText('authorize card').first().click();
  await expect(app).toHaveURL(/span=/);
  await expect(app.getByText('payment.attempts')).toBeVisible();
  await app
    .getByRole('tab', { name: /Events/ })
    .or(app.getByRole('radio', { name: /Events/ }))
    .first()
    .click();
  await expect(app.getByText('exception.type')).toBeVisible();
  await app
    .getByRole('tab', { name: /Logs/ })
    .or(app.getByRole('radio', { name: /Logs/ }))
    .first()
    .click();
  await expect(app.getByText('payment declined: acquirer did not answer').first()).toBeVisible();
  await app.keyboard.press('Escape');
  await expect(app).not.toHaveURL(/span=/);
});

test('traces: a link opens what its sender saw', async ({ app }) => {
  await app.goto(`/telemetry/traces/${orderTraceId}`);
  await app.getByText('authorize card').first().click();
  await expect(app).toHaveURL(/span=/);
  const link = app.url();
  await app.goto('/overview');
  await app.goto(link);
  await expect(app.getByText('payment.attempts')).toBeVisible();
});

test('logs: filter by severity and attribute, read a record, go to its trace', async ({ app }) => {
  await app.goto('/telemetry/logs');
  await expect(app.getByText(/card charged for order/).first()).toBeVisible();
  const query = app
    .getByRole('textbox', { name: 'Query' })
    .or(app.getByRole('combobox', { name: 'Query' }))
    .first();
  await query.fill('severity:>=error AND order.id:4711');
  await query.press('Enter');
  await expect(app.getByText('1 record', { exact: true })).toBeVisible();
  await app.getByText('payment declined: acquirer did not answer').first().click();
  const drawer = app.getByRole('dialog');
  await expect(drawer.getByText('order.id').first()).toBeVisible();
  await drawer.getByRole('link', { name: 'Open trace' }).click();
  await expect(app).toHaveURL(new RegExp(orderTraceId));
});

test.describe('bad input', () => {
  test.use({ tolerated: ['400'] });

  test('logs: a broken filter is explained in place', async ({ app }) => {
    await app.goto('/telemetry/logs');
    const query = app
      .getByRole('textbox', { name: 'Query' })
      .or(app.getByRole('combobox', { name: 'Query' }))
      .first();
    await query.fill('severity:error AND (');
    await query.press('Enter');
    await expect(app.getByRole('alert').first()).toBeVisible();
  });
});

for (const path of ['/telemetry/traces', '/telemetry/logs']) {
  test(`${path}: a facet becomes a term of the filter, and goes again`, async ({ app }) => {
    const filter = () => new URL(app.url()).searchParams.get('filter') ?? '';
    await app.goto(path);
    const payment = app.getByRole('checkbox', { name: /payment/ });
    await payment.click();
    await expect.poll(filter).toBe('service:payment');
    await expect(payment).toBeChecked();
    await payment.click();
    await expect.poll(filter).toBe('');
  });
}

test('metrics: find one, see it over time by label', async ({ app }) => {
  await app.goto('/telemetry/metrics');
  await app.getByText('shop.orders').first().click();
  await expect(app).toHaveURL(/metric=shop\.orders/);
  await expect(app.locator('canvas').first()).toBeVisible();
  await app.goto('/telemetry/metrics?metric=shop.orders&by=shop.sku');
  for (const sku of ['teapot', 'lantern']) await expect(app.getByText(sku).first()).toBeVisible();
});

test('get started: a new key is filled in and data sent with it lights up', async ({ app, server }) => {
  await app.goto('/get-started');
  await app.getByRole('button', { name: 'Create key' }).click();
  const environment = app.locator('pre, code').filter({ hasText: 'OTEL_EXPORTER_OTLP_HEADERS' }).first();
  await expect(environment).toContainText(/tfs-[0-9a-f]{64}/);
  const text = (await environment.textContent()) ?? '';
  const headers = Object.fromEntries(
    (/OTEL_EXPORTER_OTLP_HEADERS=(\S+)/.exec(text)?.[1] ?? '')
      .split(',')
      .map((pair) => pair.split('=', 2) as [string, string]),
  );
  const response = await fetch(`${server.otlpUrl}/v1/logs`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({
      resourceLogs: [
        {
          resource: { attributes: [{ key: 'service.name', value: { stringValue: 'first-steps' } }] },
          scopeLogs: [{ logRecords: [{ body: { stringValue: 'hello' } }] }],
        },
      ],
    }),
  });
  expect(response.status).toBe(200);
  await expect(app.getByText('first-steps').first()).toBeVisible({ timeout: 5000 });
});

test('API keys: the secret is shown once, and a revoked key is refused', async ({ app, server }) => {
  await app.goto('/settings/api-keys');
  await app.getByRole('button', { name: 'Create key' }).first().click();
  const dialog = app.getByRole('dialog');
  await dialog.getByLabel('Name').fill('browser test');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  await expect(app.getByText(/tfs-[0-9a-f]{64}/).first()).toBeVisible();
  const keyId =
    (
      await app
        .getByText(/^tfk-[0-9a-f]{32}$/)
        .first()
        .textContent()
    )?.trim() ?? '';
  const keySecret =
    (
      await app
        .getByText(/^tfs-[0-9a-f]{64}$/)
        .first()
        .textContent()
    )?.trim() ?? '';
  const send = async () =>
    (
      await fetch(`${server.otlpUrl}/v1/logs`, {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': 'application/json', 'x-api-key-id': keyId, 'x-api-key-secret': keySecret },
      })
    ).status;
  expect(await send()).toBe(200);
  await app.getByRole('button', { name: 'Done' }).click();
  await app.reload();
  await expect(app.getByText('browser test').first()).toBeVisible();
  await expect(app.getByText(keySecret)).toHaveCount(0);
  const row = app.getByRole('row').filter({ hasText: 'browser test' }).first();
  await row.getByRole('button', { name: 'browser test' }).click();
  await app.getByRole('button', { name: 'Actions', exact: true }).click();
  await app.getByRole('menuitem', { name: 'Revoke' }).click();
  await app.getByRole('button', { name: 'Revoke key' }).click();
  await expect(row).toContainText('Revoked');
  expect(await send()).toBe(401);
});
