/** Looking after one's own account: the walk of a person, and each page of the account area. */
import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { elsewhere, expect, logIn, test, type Person } from '../support/people.ts';
import { totp } from '../support/totp.ts';

// Each walk is long, and hashes passwords.
test.describe.configure({ timeout: 180_000 });

/** Turns the second factor on by the wizard; returns the secret and the recovery codes. */
async function enrol(page: Page): Promise<{ secret: string; codes: string[] }> {
  await page.goto('/account/security');
  await page.getByRole('button', { name: 'Turn on' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('img', { name: /QR code/ })).toBeVisible();
  const text = await dialog.getByText(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/).innerText();
  const secret = text.replaceAll(' ', '');
  await dialog.getByRole('button', { name: 'Next' }).click();
  await expect(dialog.getByLabel('Digit 1 of 6')).toBeFocused();
  await page.keyboard.type(totp(secret, 5) === totp(secret) ? '000000' : totp(secret, 5));
  await expect(dialog.getByRole('alert')).toHaveText(/not right/);
  await expect(dialog.getByLabel('Digit 1 of 6')).toBeFocused();
  await page.keyboard.type(totp(secret));
  // Ten codes are hashed with Argon2id.
  await expect(dialog.getByRole('list', { name: 'Recovery codes' })).toBeVisible({ timeout: 60_000 });
  const codes = await dialog.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem').allInnerTexts();
  expect(codes).toHaveLength(10);
  const download = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Download' }).click();
  expect(await readFile(await (await download).path(), 'utf8')).toContain(codes.join('\n'));
  await dialog.getByRole('button', { name: 'I have kept them' }).click();
  await expect(page.getByText('10 recovery codes left')).toBeVisible();
  return { secret, codes };
}

async function logOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /account, theme, language/i }).click();
  await page.getByText('Log out', { exact: true }).click();
  await expect(page).toHaveURL(/login/);
}

async function enter(page: Page, person: Person): Promise<void> {
  await page.goto('/login');
  await logIn(page, person);
  await expect(page).toHaveURL(/overview/);
}

const paste = (page: Page, text: string) =>
  page.evaluate((value) => {
    const data = new DataTransfer();
    data.setData('text', value);
    document.activeElement?.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  }, text);

test.describe('a person', () => {
  test.use({ tolerated: ['status of 400', 'status of 401'] });

  test('registers, verifies, turns the second factor on, logs in with it and ends the other session', async ({
    watched: page,
    people,
    browser,
    server,
  }) => {
    const person = people.stranger();
    await page.goto('/login');
    await page.getByRole('link', { name: 'Create an account' }).click();
    await page.getByLabel('First name').fill('Robin');
    await page.getByLabel('Last name').fill('Quill');
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible();
    await people.follow(page, await people.linkTo(person.email, '/verify-email'));
    await page.getByRole('button', { name: 'Go on to log in' }).click();
    await logIn(page, person);
    await expect(page).toHaveURL(/overview/);

    const other = await elsewhere(browser, server.url, person);
    const { secret } = await enrol(page);
    await logOut(page);

    await page.goto('/telemetry/logs?filter=a');
    await logIn(page, person);
    await expect(page.getByRole('heading', { name: 'Second step' })).toBeVisible();
    await expect(page.getByLabel('Digit 1 of 6')).toBeFocused();
    // The code of the enrolment's time step was used there.
    await page.keyboard.type(totp(secret, 1));
    await expect(page).toHaveURL((url) => url.pathname === '/telemetry/logs' && url.searchParams.get('filter') === 'a');

    await page.goto('/account/sessions');
    const sessions = page.getByRole('table').first();
    await expect(sessions.getByRole('row')).toHaveCount(3);
    await expect(sessions.locator('tr[aria-current]')).toContainText('This session');
    await sessions.getByRole('button', { name: /End the session of/ }).click();
    await expect(sessions.getByRole('row')).toHaveCount(2);
    await other.goto('/telemetry/logs');
    await expect(other).toHaveURL(/login/);
    await other.context().close();
  });

  test('is asked for the second step by boxes that fill, go back, take a pasted code and count down', async ({
    watched: page,
    people,
  }) => {
    const person = await people.person();
    await page.goto('/mfa-verify');
    await expect(page).toHaveURL(/login/);
    await enter(page, person);
    const { secret, codes } = await enrol(page);
    await logOut(page);

    await logIn(page, person);
    await expect(page.getByText('5 attempts left')).toBeVisible();
    await page.keyboard.type('12');
    await expect(page.getByLabel('Digit 3 of 6')).toBeFocused();
    await page.keyboard.press('Backspace');
    await expect(page.getByLabel('Digit 2 of 6')).toBeFocused();
    await expect(page.getByLabel('Digit 2 of 6')).toHaveValue('');
    await page.keyboard.press('ArrowLeft');
    await expect(page.getByLabel('Digit 1 of 6')).toBeFocused();
    await page.keyboard.type('x');
    await expect(page.getByLabel('Digit 1 of 6')).toHaveValue('1');
    const wrong = totp(secret, 9);
    await paste(page, ` ${wrong.slice(0, 3)} ${wrong.slice(3)}`);
    await expect(page.getByRole('alert')).toHaveText(/4 attempts left/);
    await expect(page.getByLabel('Digit 1 of 6')).toBeFocused();
    await expect(page.getByLabel('Digit 1 of 6')).toHaveValue('');

    // Refreshing throws the challenge away.
    await page.reload();
    await expect(page).toHaveURL(/login/);
    await logIn(page, person);
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await page.getByLabel('Recovery code').fill('AAAAA-AAAAA');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toHaveText(/recovery code is not right/);
    await page.getByLabel('Recovery code').fill(codes[0] ?? '');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/overview/);
    await page.goto('/account/security');
    await expect(page.getByText('9 recovery codes left')).toBeVisible();

    await page.getByRole('button', { name: 'Turn off' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Current password').fill('not this one');
    await dialog.getByLabel('Authentication or recovery code').fill(codes[1] ?? '');
    await dialog.getByRole('button', { name: 'Turn off' }).click();
    await expect(dialog.getByRole('alert')).toHaveText('That is not your current password.');
    await expect(dialog.getByLabel('Current password')).toBeFocused();
    await dialog.getByLabel('Current password').fill(person.password);
    await dialog.getByRole('button', { name: 'Turn off' }).click();
    await expect(page.getByRole('button', { name: 'Turn on' })).toBeVisible();
  });

  test('trusts a device, which then asks for no code until it is forgotten', async ({ watched: page, people }) => {
    const person = await people.person();
    await enter(page, person);
    const { codes } = await enrol(page);
    await logOut(page);
    const answer = async (code: string) => {
      await page.getByRole('button', { name: 'Use a recovery code' }).click();
      await page.getByText('Trust this device').click();
      await page.getByLabel('Recovery code').fill(code);
      await page.keyboard.press('Enter');
    };
    await logIn(page, person);
    await answer(codes[0] ?? '');
    await expect(page).toHaveURL(/overview/);
    await logOut(page);
    await logIn(page, person);
    await expect(page).toHaveURL(/overview/);

    await page.goto('/account/sessions');
    const devices = page.getByRole('table').last();
    await expect(devices.locator('tr[aria-current]')).toContainText('Trusted');
    await devices
      .getByRole('button', { name: /^Rename/ })
      .first()
      .click();
    await page.getByRole('dialog').getByLabel('Device').fill('Desk');
    await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
    await expect(devices.getByText('Desk')).toBeVisible();
    await devices.getByRole('button', { name: 'End trust' }).click();
    await expect(devices.locator('tr[aria-current]')).toContainText('Asks for a code');
    await logOut(page);
    await logIn(page, person);
    await expect(page.getByRole('heading', { name: 'Second step' })).toBeVisible();
  });

  test('logs out all others, then everywhere', async ({ watched: page, people, browser, server }) => {
    const person = await people.person();
    await enter(page, person);
    const others = [await elsewhere(browser, server.url, person), await elsewhere(browser, server.url, person)];
    await page.goto('/account/sessions');
    await page.getByRole('button', { name: 'End all others' }).click();
    await expect(page.getByRole('dialog')).toContainText('2 other sessions end');
    await page.getByRole('button', { name: 'End them' }).click();
    await expect(page.getByRole('table').first().getByRole('row')).toHaveCount(2);
    for (const other of others) {
      await other.goto('/overview');
      await expect(other).toHaveURL(/login/);
      await other.context().close();
    }
    await page.getByRole('button', { name: 'Log out everywhere' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Log out everywhere' }).click();
    await expect(page).toHaveURL(/login/);
    await page.goto('/overview');
    await expect(page).toHaveURL(/login/);
  });

  test('changes password and recovery address, with errors in place', async ({ watched: page, people }) => {
    const person = await people.person();
    await enter(page, person);
    await page.goto('/account/security');
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByLabel('Current password').fill('not this one');
    await page.getByLabel('New password').fill('eleven slow copper windmills');
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByRole('alert')).toHaveText('That is not your current password.');
    await page.getByLabel('Current password').fill(person.password);
    await page.getByLabel('New password').fill('password');
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByRole('alert')).toContainText('at least 12 characters');
    await page.getByLabel('New password').fill('eleven slow copper windmills');
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByText('Your password is changed.')).toBeVisible();

    await page.getByRole('button', { name: 'Change', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Recovery e-mail').fill('nowhere');
    await dialog.getByLabel('Current password').fill('eleven slow copper windmills');
    await dialog.getByRole('button', { name: 'Save address' }).click();
    await expect(dialog.getByLabel('Recovery e-mail')).toBeFocused();
    await expect(dialog.getByRole('alert')).toHaveText('Must be an e-mail address.');
    await dialog.getByLabel('Recovery e-mail').fill('robin.second@example.com');
    await dialog.getByRole('button', { name: 'Save address' }).click();
    await expect(page.getByText('robin.second@example.com')).toBeVisible();
  });
});

test('the profile is saved, and the picture shown, dropped and removed', async ({ watched: page, people }) => {
  await enter(page, await people.person());
  await page.goto('/account/profile');
  await page.getByLabel('First name').fill('<b>Róbin</b>');
  await page.getByLabel('Time zone').selectOption('Asia/Jakarta');
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await expect(page.getByRole('button', { name: /account, theme, language/i })).toContainText('<b>Róbin</b> Quill');
  await page.reload();
  await expect(page.getByLabel('Time zone')).toHaveValue('Asia/Jakarta');

  // Four pixels by two: the middle is cut out as a square.
  const png = await page.evaluate(async () => {
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: 40, height: 20 });
    canvas.getContext('2d')?.fillRect(0, 0, 40, 20);
    return canvas.toDataURL('image/png').split(',')[1] ?? '';
  });
  await page.getByLabel('Choose a picture').setInputFiles({
    name: 'me.txt',
    mimeType: 'text/plain',
    buffer: Buffer.from('no picture'),
  });
  await expect(page.getByRole('alert')).toHaveText(/PNG, JPEG, GIF or WebP/);
  await page.evaluate((content) => {
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], 'me.png', { type: 'image/png' }));
    document
      .querySelector('.border-dashed')
      ?.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, png);
  await expect(page.getByText('This is how it will look.')).toBeVisible();
  await page.getByRole('button', { name: 'Save picture' }).click();
  await expect(page.getByRole('button', { name: 'Remove' })).toBeVisible();
  const picture = page.getByRole('button', { name: /account, theme, language/i }).locator('img');
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(20);
  await page.getByRole('button', { name: 'Remove' }).click();
  await expect(picture).toHaveCount(0);
});

test('preferences hold at once, over a reload, and in another browser', async ({
  watched: page,
  people,
  browser,
  server,
}) => {
  const person = await people.person();
  await enter(page, person);
  await page.goto('/account/preferences');
  const saved = page.waitForResponse((r) => r.url().endsWith('/auth/preferences') && r.request().method() === 'PATCH');
  await page.getByRole('radio', { name: 'Light' }).click();
  await expect(page.locator('html')).toHaveClass(/light/);
  expect((await saved).status()).toBe(200);
  await page.getByRole('radio', { name: 'Compact' }).click();
  await page.getByRole('radio', { name: 'Mar 4, 2026' }).click();
  await page.getByRole('radio', { name: '12 hours' }).click();
  await page.getByRole('radio', { name: '50', exact: true }).click();
  await page.getByRole('switch', { name: 'Animations' }).click();
  await expect(page.getByText(/^[A-Z][a-z]{2} \d+, \d{4}, \d+:\d{2}.[AP]M$/)).toBeVisible();
  await page.getByRole('radio', { name: 'Bahasa Indonesia' }).click();
  await expect(page.getByRole('heading', { name: 'Preferensi' })).toBeVisible();
  await expect(page.getByText('Tersimpan', { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Preferensi' })).toBeVisible();

  const other = await elsewhere(browser, server.url, person);
  await expect(other.locator('html')).toHaveAttribute('lang', 'id');
  await expect(other.locator('html')).toHaveClass(/light/);
  await expect(other.locator('html')).toHaveClass(/compact/);
  await expect(other.locator('html')).toHaveClass(/still/);
  await other.goto('/account/preferences');
  await expect(other.getByRole('radio', { name: '50', exact: true })).toBeChecked();
  await expect(other.getByRole('radio', { name: '12 jam' })).toBeChecked();
  await other.context().close();
});

test('what the platform keeps of a person is read and taken away', async ({ watched: page, people }) => {
  const person = await people.person();
  await enter(page, person);
  await page.goto('/account/data');
  await expect(page.getByRole('cell', { name: 'auth.login' }).first()).toBeVisible();
  const [everything] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download my data' }).click(),
  ]);
  const data = JSON.parse(await readFile(await everything.path(), 'utf8')) as { user: { email: string } };
  expect(data.user.email).toBe(person.email);
  const [activity] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download activity' }).click(),
  ]);
  const entries = JSON.parse(await readFile(await activity.path(), 'utf8')) as { action: string }[];
  expect(entries.map(({ action }) => action)).toContain('auth.login');
});

const open = ['/login', '/register', '/forgot-password', '/reset-password?token=none', '/verify-email/pending'];
const own = ['profile', 'security', 'sessions', 'preferences', 'data'].map((page) => `/account/${page}`);

async function faults(page: Page, path: string): Promise<string[]> {
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  const { violations } = await new AxeBuilder({ page }).analyze();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  return [
    ...violations.map((v) => `${path}: ${v.id} ${v.nodes.map((n) => n.target.join(' ')).join(' | ')}`),
    ...(overflow > 0 ? [`${path} scrolls sideways by ${overflow} px`] : []),
  ];
}

for (const scheme of ['dark', 'light'] as const) {
  for (const width of [1440, 360]) {
    test(`no accessibility finding and no sideways scrolling, ${scheme}, ${width} px`, async ({
      watched: page,
      people,
    }) => {
      await page.setViewportSize({ width, height: 740 });
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      const found: string[] = [];
      for (const path of open) found.push(...(await faults(page, path)));
      await enter(page, await people.person());
      for (const path of own) found.push(...(await faults(page, path)));
      expect(found).toEqual([]);
    });
  }
}
