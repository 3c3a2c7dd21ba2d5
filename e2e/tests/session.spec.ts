/** Logging in and out, and what a person without a session or permission meets. */
import { expect, logIn, test, users } from '../support/fixtures.ts';

test.describe('without a session', () => {
  test.use({ tolerated: ['401'] });

  test('a wrong password gives one error that reveals nothing and keeps the address', async ({ watched: page }) => {
    await page.goto('/login');
    await logIn(page, { email: users.viewer.email, password: 'wrong password' });
    await expect(page.getByRole('alert')).toHaveText(/don't match/);
    await expect(page.getByLabel('E-mail')).toHaveValue(users.viewer.email);
    await logIn(page, { email: 'nobody@example.org', password: 'wrong password' });
    await expect(page.getByRole('alert')).toHaveText(/don't match/);
  });

  test('a protected address comes back, query and all, after logging in', async ({ watched: page }) => {
    await page.goto('/telemetry/logs?filter=severity%3A%3E%3Derror&from=now-1h&to=now');
    await expect(page).toHaveURL(/\/login/);
    await logIn(page, users.administrator);
    await expect(page).toHaveURL((url) => url.pathname === '/telemetry/logs');
    const query = new URL(page.url()).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({ filter: 'severity:>=error', from: 'now-1h', to: 'now' });
  });

  test('an address elsewhere is never followed', async ({ watched: page, server }) => {
    for (const target of ['https://example.org/', '//example.org/', '/\\example.org']) {
      await page.goto(`/login?redirect=${encodeURIComponent(target)}`);
      await logIn(page, users.viewer);
      await expect(page).not.toHaveURL(/login/);
      expect(new URL(page.url()).origin).toBe(new URL(server.url).origin);
      await page.context().clearCookies();
    }
  });
});

test('a reload keeps the session without showing the login', async ({ app }) => {
  const seen: string[] = [];
  app.on('framenavigated', (frame) => seen.push(new URL(frame.url()).pathname));
  await app.reload();
  await expect(app.getByRole('heading', { name: 'Overview' })).toBeVisible();
  expect(seen.filter((path) => path.includes('login'))).toEqual([]);
});

test.describe('after logging out', () => {
  test.use({ tolerated: ['401'] });

  test('the other tab is out too, and Back shows nothing', async ({ app, context }) => {
    const other = await context.newPage();
    await other.goto('/telemetry/traces');
    await expect(other.getByRole('heading', { name: 'Traces' })).toBeVisible();
    await app.goto('/telemetry/logs');
    await app.goto('/overview');
    await app.getByRole('button', { name: /account, theme, language/i }).click();
    await app.getByText('Log out').click();
    await expect(app).toHaveURL(/login/);
    await app.goBack();
    await expect(app).toHaveURL(/login/);
    await expect(other).toHaveURL(/login/);
    await expect(other.getByRole('heading', { name: 'Traces' })).toHaveCount(0);
    await other.goto('/telemetry/logs');
    await expect(other).toHaveURL(/login/);
  });
});

test.describe('a viewer', () => {
  test.use({ user: 'viewer' });

  test('sees no control that creates or revokes', async ({ app }) => {
    await app.goto('/settings/api-keys');
    await expect(app.getByRole('heading', { name: 'API keys' })).toBeVisible();
    await expect(app.getByRole('button', { name: /Create key|Revoke/ })).toHaveCount(0);
  });
});

test.describe('the demo user', () => {
  test.use({ user: 'demo' });

  test('meets pages without data that say so and offer one way on', async ({ app }) => {
    for (const path of ['/overview', '/telemetry/traces', '/telemetry/logs', '/telemetry/metrics']) {
      await app.goto(path);
      await expect(app.getByText(/^No (telemetry|metric|log record|trace) .*(arrived|began)/).first()).toBeVisible();
      await expect(
        app
          .getByRole('link', { name: /^Send / })
          .or(app.getByRole('button', { name: /^Send / }))
          .first(),
      ).toBeVisible();
    }
  });

  test('is told which permission is missing', async ({ app }) => {
    await app.goto('/settings/api-keys');
    await expect(app.getByText('api-keys:read')).toBeVisible();
  });
});

test('an unknown address shows a page with a way home', async ({ app }) => {
  await app.goto('/no/such/page');
  await expect(app.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await app
    .getByRole('link', { name: 'Go to the overview' })
    .or(app.getByRole('button', { name: 'Go to the overview' }))
    .first()
    .click();
  await expect(app).toHaveURL(/overview/);
});

test.describe('with the server away', () => {
  test.use({ tolerated: ['Failed to load resource', 'ERR_INTERNET_DISCONNECTED'] });

  test('pages open all the same, say what they lack and recover by themselves', async ({ app, context }) => {
    // When the browser is idle, the pages' code is fetched.
    const fetched = app.waitForResponse(/MetricsPage.*\.js/);
    await app.goto('/telemetry/logs');
    await expect(app.getByText('payment declined').first()).toBeVisible();
    await fetched;
    await app.waitForLoadState('networkidle');
    await context.setOffline(true);
    await app.getByRole('link', { name: 'Metrics' }).first().click();
    await expect(app).toHaveURL(/metrics/);
    await expect(app.getByText('Live updates paused')).toBeVisible();
    await expect(app.getByRole('button', { name: 'Retry' }).first()).toBeVisible();
    await context.setOffline(false);
    await expect(app.getByText('shop.orders').first()).toBeVisible();
    await expect(app.getByText('Live updates paused')).toHaveCount(0);
  });

  test('a page whose code is missing is shown as soon as the server answers', async ({ app, context }) => {
    await app.route(/MetricsPage.*\.js/, (route) => route.abort('internetdisconnected'));
    await app.goto('/telemetry/logs');
    await expect(app.getByText('payment declined').first()).toBeVisible();
    await context.setOffline(true);
    await app.getByRole('link', { name: 'Metrics' }).first().click();
    await expect(app.getByRole('heading', { name: /can't be reached/ })).toBeVisible();
    await expect(app.getByRole('navigation', { name: 'Main' })).toBeVisible();
    await app.getByRole('link', { name: 'Logs' }).first().click();
    await expect(app.getByRole('heading', { name: 'Logs' })).toBeVisible();
    await app.getByRole('link', { name: 'Metrics' }).first().click();
    await expect(app.getByRole('heading', { name: /can't be reached/ })).toBeVisible();
    await app.unroute(/MetricsPage.*\.js/);
    await context.setOffline(false);
    await expect(app.getByText('shop.orders').first()).toBeVisible();
    await expect(app).toHaveURL(/metrics/);
  });
});
