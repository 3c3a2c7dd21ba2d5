/** Getting an account and getting into it: registration, verification, reset, second step, and every wrong turn. */
import { expect, logIn, test } from '../support/people.ts';
import type { Page } from '@playwright/test';

// Each walk is long, and hashes passwords.
test.describe.configure({ timeout: 180_000 });

const alerts = (page: Page) => page.getByRole('alert');

test.describe('registration', () => {
  test.use({ tolerated: ['status of 400', 'status of 401', 'status of 403', 'status of 409'] });

  test('says what is missing, and then what the server refuses, in place and all at once', async ({
    watched: page,
    people,
  }) => {
    await page.goto('/register');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(alerts(page)).toHaveText([
      'Enter your first name.',
      'Enter your last name.',
      'Enter your e-mail address.',
      'Choose a password.',
    ]);
    await expect(page.getByLabel('First name')).toBeFocused();
    await expect(page.getByLabel('First name')).toHaveAttribute('aria-invalid', 'true');

    await page.getByLabel('First name').fill('Robin');
    await page.getByLabel('Last name').fill('Quill');
    await page.getByLabel('E-mail').fill('not an address');
    await page.getByLabel('Password', { exact: true }).fill('password');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByLabel('E-mail')).toBeFocused();
    await expect(page.getByText('Must be an e-mail address.')).toBeVisible();

    const { email } = await people.person();
    await page.getByLabel('E-mail').fill(email);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true');
    await page.getByLabel('Password', { exact: true }).fill('seven quiet harbour lanterns');
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByText(/already/).first()).toBeVisible();
    await expect(page.getByLabel('E-mail')).toBeFocused();
  });

  test('shows how strong a password is, by the rules of the server', async ({ watched: page }) => {
    await page.goto('/register');
    const password = page.getByLabel('Password', { exact: true });
    await password.fill('password');
    await expect(page.getByText('Not enough', { exact: true })).toBeVisible();
    await expect(page.getByRole('listitem').filter({ hasText: 'at least 12 characters' })).toBeVisible();
    await password.fill('seven quiet harbour lanterns');
    await expect(page.getByText('Strong', { exact: true })).toBeVisible();
    await expect(page.getByRole('listitem')).toHaveCount(0);
    await page.getByRole('button', { name: 'Show the password' }).click();
    await expect(password).toHaveAttribute('type', 'text');
    await page.getByRole('button', { name: 'Hide the password' }).click();
    await expect(password).toHaveAttribute('type', 'password');
  });

  test('an address must be verified before it logs in, and the link is sent again', async ({
    watched: page,
    people,
  }) => {
    const { email, password } = people.stranger();
    await page.goto('/register');
    await page.getByLabel('First name').fill('Robin');
    await page.getByLabel('Last name').fill('Quill');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible();
    const first = await people.linkTo(email, '/verify-email');

    await page.goto('/login');
    await logIn(page, { email, password });
    await expect(page).toHaveURL(/verify-email\/pending/);
    await expect(page.getByText(email)).toBeVisible();
    await page.getByRole('button', { name: 'Send the link again' }).click();
    await expect(page.getByText(/a new link is on its way/)).toBeVisible();
    await expect(page.getByRole('button', { name: /Send again in/ })).toBeDisabled();
    await expect.poll(() => people.linkTo(email, '/verify-email')).not.toBe(first);

    await people.follow(page, first);
    await expect(page.getByRole('heading', { name: "This link doesn't work" })).toBeVisible();
    await people.follow(page, await people.linkTo(email, '/verify-email'));
    await expect(page.getByRole('heading', { name: 'Address verified' })).toBeVisible();
    // The secret doesn't stay in the address.
    await expect(page).toHaveURL(/\/verify-email$/);
    await page.getByRole('button', { name: 'Go on to log in' }).click();
    await logIn(page, { email, password });
    await expect(page).toHaveURL(/overview/);
  });

  test('an invitation leads to a form that joins, once', async ({ watched: page, people }) => {
    const { email, password } = people.stranger();
    const invited = await people.platform.api('POST', '/api/v2/auth/invites', { as: 'super', body: { email } });
    expect(invited.status).toBe(201);
    const link = await people.linkTo(email, '/register');
    await people.follow(page, link);
    await expect(page.getByText('You were invited.')).toBeVisible();
    await page.getByLabel('First name').fill('Robin');
    await page.getByLabel('Last name').fill('Quill');
    await page.getByLabel('E-mail').fill(people.stranger().email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByText('This invitation is not valid')).toBeVisible();

    await people.follow(page, link);
    await page.getByLabel('First name').fill('Robin');
    await page.getByLabel('Last name').fill('Quill');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('heading', { name: /Check your mail|Account created/ })).toBeVisible();
  });
});

test.describe('a forgotten password', () => {
  test.use({ tolerated: ['status of 400', 'status of 401'] });

  test('is replaced by a mailed link, which works once', async ({ watched: page, people }) => {
    const person = await people.person();
    await page.goto('/login');
    await page.getByRole('link', { name: 'Forgot password?' }).click();
    await page.getByRole('button', { name: 'Send link' }).click();
    await expect(alerts(page)).toHaveText('Enter your e-mail address.');
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByRole('button', { name: 'Send link' }).click();
    await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible();

    const link = await people.linkTo(person.email, '/reset-password');
    await people.follow(page, link);
    const field = page.getByLabel('New password', { exact: true });
    await expect(field).toBeFocused();
    await expect(page).toHaveURL(/\/reset-password$/);
    // A reload finds the link again.
    await page.reload();
    await field.fill(person.password);
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(alerts(page)).toHaveText(/last 5 passwords/);
    await expect(field).toBeFocused();
    await field.fill('eleven slow copper windmills');
    await page.getByRole('button', { name: 'Set password' }).click();
    await expect(page.getByRole('heading', { name: 'Password changed' })).toBeVisible();

    await people.follow(page, link);
    await expect(page.getByRole('heading', { name: "This link doesn't work" })).toBeVisible();
    await page.goto('/login');
    await logIn(page, person);
    await expect(alerts(page)).toHaveText(/don't match/);
    await logIn(page, { email: person.email, password: 'eleven slow copper windmills' });
    await expect(page).toHaveURL(/overview/);
  });

  test('an unknown address is told the same as a known one', async ({ watched: page, people }) => {
    for (const email of [people.stranger().email, (await people.person()).email]) {
      await page.goto('/forgot-password');
      await page.getByLabel('E-mail').fill(email);
      await page.getByRole('button', { name: 'Send link' }).click();
      await expect(page.getByText(`If there is an account for ${email}`)).toBeVisible();
    }
  });
});

test.describe('a password that somebody else set', () => {
  test.use({ tolerated: ['status of 400', 'status of 401', 'status of 403'] });

  test('has to be replaced before anything else opens', async ({ watched: page, people }) => {
    const person = await people.newcomer();
    await page.goto('/login');
    await logIn(page, person);
    await expect(page).toHaveURL(/change-password/);
    await page.goto('/telemetry/logs?filter=a');
    await expect(page).toHaveURL(/change-password/);
    await page.getByLabel('Current password').fill('not this one');
    await page.getByLabel('New password').fill('eleven slow copper windmills');
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(alerts(page)).toHaveText('That is not your current password.');
    await expect(page.getByLabel('Current password')).toBeFocused();
    await page.getByLabel('Current password').fill(person.password);
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page).toHaveURL((url) => url.pathname === '/telemetry/logs' && url.searchParams.get('filter') === 'a');
  });
});

test.describe('the server away', () => {
  test.use({ tolerated: ['Failed to load resource', 'ERR_INTERNET_DISCONNECTED'] });

  test('forms say so, keep what was typed, and work when it is back', async ({ watched: page, context, people }) => {
    const person = await people.person();
    await page.goto('/login');
    await expect(page.getByRole('link', { name: 'Forgot password?' })).toBeVisible();
    await context.setOffline(true);
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await expect(alerts(page)).toHaveText(/server can't be reached/);
    await expect(page.getByLabel('E-mail')).toHaveValue(person.email);
    await context.setOffline(false);
    await logIn(page, person);
    await expect(page).toHaveURL(/overview/);
  });
});
