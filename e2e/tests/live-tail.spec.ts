/** The live tail, from the SDK through the server to the screen. */
import { logWithSdk } from '../../backend/test/support/sdk-logger.ts';
import { expect, test, type Server } from '../support/fixtures.ts';

const send = ({ otlpUrl, key }: Server, ...bodies: string[]) =>
  logWithSdk(
    otlpUrl,
    key,
    { 'service.name': 'ticker' },
    bodies.map((body) => ({ body })),
  );

test('what matches appears as it comes in; paused, the screen stands still', async ({ app, server }) => {
  await app.goto('/telemetry/logs?view=live&filter=tick');
  const rows = app.getByRole('region', { name: 'Live' });
  await expect(app.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible();
  await send(server, 'tick one', 'something else');
  await expect(rows.getByText('tick one')).toBeVisible();

  await app.getByRole('button', { name: 'Pause' }).click();
  await expect(app.getByRole('status').filter({ hasText: 'Paused' })).toBeVisible();
  await send(server, 'tick two', 'tick three');
  const waiting = app.getByRole('button', { name: '2 new records' });
  await expect(waiting).toBeVisible();
  await expect(rows.getByText('tick two')).toHaveCount(0);
  await waiting.click();
  await expect(rows.getByText('tick two')).toBeVisible();
  await expect(rows.getByText('tick three')).toBeVisible();
  await expect(rows.getByText('something else')).toHaveCount(0);

  await rows.getByText('tick three').click();
  await expect(app).toHaveURL(/record=\d+/);
});

test('a filter changed on the way is the filter of what comes', async ({ app, server }) => {
  await app.goto('/telemetry/logs?view=live&filter=tock');
  await expect(app.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible();
  const query = app
    .getByRole('textbox', { name: 'Query' })
    .or(app.getByRole('combobox', { name: 'Query' }))
    .first();
  await query.fill('tuck');
  await query.press('Enter');
  await expect(app).toHaveURL(/filter=tuck/);
  const rows = app.getByRole('region', { name: 'Live' });
  // Whatever comes before the server has agreed belongs to nobody: send until it has.
  await expect(async () => {
    await send(server, 'tock', 'tuck');
    await expect(rows.getByText('tuck').first()).toBeVisible({ timeout: 3000 });
  }).toPass();
  await expect(rows.getByText('tock')).toHaveCount(0);
});

test.describe('while the server is away', () => {
  test.use({ tolerated: ['ERR_INTERNET_DISCONNECTED', 'WebSocket', 'Failed to load resource'] });

  test('the tail says so, and goes on where it was', async ({ app, server }) => {
    await app.goto('/telemetry/logs?view=live&filter=tack');
    await expect(app.getByRole('status').filter({ hasText: /^Live$/ })).toBeVisible();
    await send(server, 'tack one');
    const rows = app.getByRole('region', { name: 'Live' });
    await expect(rows.getByText('tack one')).toBeVisible();
    await app.evaluate(() => window.dispatchEvent(new Event('offline')));
    await app.context().setOffline(true);
    await send(server, 'tack two');
    await app.context().setOffline(false);
    await expect(rows.getByText('tack two')).toBeVisible({ timeout: 30_000 });
    await expect(rows.getByText('tack one')).toHaveCount(1);
  });
});
