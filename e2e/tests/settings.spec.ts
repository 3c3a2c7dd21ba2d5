/** The administrators' side: places, people, what they may do, keys and the trail of it all. */
import { callAs, sendSpan } from '../support/calls.ts';
import { expect, test, users } from '../support/fixtures.ts';

const unique = () => crypto.randomUUID().slice(0, 8);

test.describe('a super administrator', () => {
  // A code that is taken is tried on purpose.
  test.use({ user: 'super', tolerated: ['409'] });

  test('makes an organization whose key ingests a span at once', async ({ app, server }) => {
    const id = unique();
    await app.goto('/settings/hierarchy');
    await app.getByRole('button', { name: 'New organization' }).click();
    const dialog = app.getByRole('dialog', { name: 'New organization' });
    await dialog.getByRole('button', { name: 'Next' }).click();
    await expect(dialog.getByText('This is required.').first()).toBeVisible();
    await dialog.getByLabel('Name').fill(`Acme ${id}`);
    await expect(dialog.getByLabel('Code')).toHaveValue(`acme-${id}`);
    // A code that is taken is said at its field, on the step that asks for it.
    await dialog.getByLabel('Code').fill('telemetryflow');
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByLabel('E-mail').fill(`boss-${id}@acme.example`);
    await dialog.getByLabel('First name').fill('Bo');
    await dialog.getByLabel('Last name').fill('Ss');
    await dialog.getByRole('radio', { name: 'With a password' }).click();
    await dialog.getByLabel('Password', { exact: true }).fill('Correct-Horse-Battery-9');
    await dialog.getByRole('button', { name: 'Create organization' }).click();
    await expect(dialog.getByRole('alert').first()).toBeVisible();
    while (await dialog.getByRole('button', { name: 'Back' }).isVisible()) {
      await dialog.getByRole('button', { name: 'Back' }).click();
    }
    await dialog.getByLabel('Code').fill(`acme-${id}`);
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByRole('button', { name: 'Next' }).click();
    await dialog.getByRole('button', { name: 'Create organization' }).click();

    const made = app.getByRole('dialog', { name: `Acme ${id} is ready` });
    const keyId = (await made.getByText(/^tfk-[0-9a-f]{32}$/).textContent())?.trim() ?? '';
    const keySecret = (await made.getByText(/^tfs-[0-9a-f]{64}$/).textContent())?.trim() ?? '';
    await made.getByRole('button', { name: 'Done' }).click();
    await expect(app.getByRole('treeitem', { name: new RegExp(`Acme ${id}`) })).toBeVisible();
    await expect(app.getByText(keySecret)).toHaveCount(0);

    const span = `first-span-${id}`;
    expect(await sendSpan(server, { keyId, keySecret }, span)).toBe(200);
    const boss = await callAs(server, { email: `boss-${id}@acme.example`, password: 'Correct-Horse-Battery-9' });
    await expect
      .poll(async () => {
        const { body } = await boss.call<{ data: { name: string }[] }>(
          'GET',
          '/telemetry/services?from=now-15m&to=now',
        );
        return body.data.map(({ name }) => name);
      })
      .toEqual([`${span}-service`]);
    // The new place can be looked at without logging in again.
    await app.getByRole('button', { name: /^Switch organization/ }).click();
    await expect(app.getByRole('dialog').getByText(`Acme ${id} / Default`)).toBeVisible();
  });

  test('walks and edits the tree by keyboard', async ({ app }) => {
    const id = unique();
    await app.goto('/settings/hierarchy');
    const own = app.getByRole('treeitem', { name: /Organization TelemetryFlow/ });
    await expect(own).toHaveAttribute('aria-expanded', 'true');
    const focused = app.locator('[role=treeitem]:focus');
    await app.getByRole('treeitem').first().focus();
    await app.keyboard.press('t');
    await expect(focused).toContainText('TelemetryFlow');
    await app.keyboard.press('ArrowLeft');
    await expect(own).toHaveAttribute('aria-expanded', 'false');
    await app.keyboard.press('ArrowRight');
    await expect(own).toHaveAttribute('aria-expanded', 'true');
    await app.keyboard.press('ArrowRight');
    await expect(focused).toHaveAttribute('aria-level', '3');
    // The first closes the workspace, the second leaves it.
    await app.keyboard.press('ArrowLeft');
    await expect(focused).toHaveAttribute('aria-expanded', 'false');
    await app.keyboard.press('ArrowLeft');
    await expect(focused).toContainText('TelemetryFlow');
    await app.keyboard.press('Enter');
    const drawer = app.getByRole('dialog', { name: 'TelemetryFlow' });
    await expect(drawer).toBeFocused();

    await drawer.getByRole('button', { name: 'Actions' }).focus();
    await app.keyboard.press('Enter');
    await expect(app.getByRole('menuitem', { name: 'New workspace' })).toBeFocused();
    await app.keyboard.press('Enter');
    const dialog = app.getByRole('dialog', { name: 'New workspace in TelemetryFlow' });
    await expect(dialog.getByLabel('Name')).toBeFocused();
    await app.keyboard.type(`Lab ${id}`);
    await app.keyboard.press('Enter');
    await expect(dialog).toHaveCount(0);
    const lab = app.getByRole('treeitem', { name: new RegExp(`Lab ${id}`) });
    await expect(lab).toBeVisible();
    await app.keyboard.press('Escape');
    await expect(drawer).toHaveCount(0);

    await lab.focus();
    await app.keyboard.press('Enter');
    const labDrawer = app.getByRole('dialog', { name: `Lab ${id}` });
    await labDrawer.getByRole('tab', { name: 'Quotas' }).click();
    await labDrawer.getByLabel('Users').fill('7');
    await labDrawer.getByRole('button', { name: 'Save changes' }).click();
    await expect(labDrawer.getByText('Saved.')).toBeVisible();
    await labDrawer.getByRole('button', { name: 'Actions' }).click();
    await app.getByRole('menuitem', { name: 'Delete' }).click();
    await app
      .getByRole('dialog', { name: `Delete Lab ${id}?` })
      .getByRole('button', { name: 'Delete' })
      .click();
    await expect(lab).toHaveCount(0);
    await app.getByRole('radio', { name: 'Deleted' }).click();
    await app.getByRole('button', { name: `Restore Lab ${id}` }).click();
    await expect(app.getByRole('button', { name: `Restore Lab ${id}` })).toHaveCount(0);
    await app.getByRole('radio', { name: 'Tree' }).click();
    await expect(lab).toBeVisible();
  });
});

test.describe('the matrix', () => {
  // The refusal that is made up below.
  test.use({ tolerated: ['409'] });

  test('a toggle of the matrix takes effect on the next request of who holds the role', async ({ app, server }) => {
    const id = unique();
    const admin = await callAs(server, users.administrator);
    const role = await admin.call<{ id: string }>('POST', '/roles', {
      name: `Watch ${id}`,
      permissions: ['traces:read'],
    });
    const person = { email: `watch-${id}@example.com`, password: 'Correct-Horse-Battery-9' };
    await admin.call('POST', '/users', { ...person, firstName: 'Wa', lastName: 'Tch', roleId: role.body.id });
    const watch = await callAs(server, person);
    const groups = async () => (await watch.call('GET', '/groups')).status;
    expect(await groups()).toBe(403);

    await app.goto('/settings/permission-matrix');
    const cell = app.getByRole('checkbox', { name: `groups:read of Watch ${id}` });
    await expect(cell).not.toBeChecked();
    await cell.focus();
    const saved = app.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok());
    await app.keyboard.press('Space');
    await expect(cell).toBeChecked();
    await saved;
    expect(await groups()).toBe(200);

    // What the server refuses is undone, and said.
    await app.route('**/api/v2/roles/*/permissions', (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: '{"code":"CONFLICT","detail":"Somebody else changed it"}',
      }),
    );
    await app.keyboard.press('Space');
    await expect(app.getByRole('alert')).toContainText('Somebody else changed it');
    await expect(cell).toBeChecked();
    await app.unroute('**/api/v2/roles/*/permissions');
    expect(await groups()).toBe(200);

    // System roles can be read, and nothing else.
    await expect(app.getByRole('checkbox', { name: 'groups:read of Viewer' })).toHaveAttribute('aria-disabled', 'true');
    await app.keyboard.press('ArrowDown');
    await expect(app.locator('[data-cell]:focus')).toHaveAccessibleName(`groups:update of Watch ${id}`);
  });
});

test.describe('a new person', () => {
  // An address and a password are wrong on purpose.
  test.use({ tolerated: ['400'] });

  test('is added with a role, deactivated and deleted', async ({ app, server }) => {
    const email = `new-${unique()}@example.com`;
    await app.goto('/settings/users');
    await app.getByRole('button', { name: 'Add user' }).click();
    const dialog = app.getByRole('dialog', { name: 'Add user' });
    await dialog.getByLabel('E-mail').fill('not an address');
    await dialog.getByLabel('First name').fill('Nova');
    await dialog.getByLabel('Last name').fill('Tester');
    await dialog.getByRole('radio', { name: 'With a password' }).click();
    await dialog.getByLabel('New password').fill('short');
    await dialog.getByRole('button', { name: 'Add user' }).click();
    await expect(dialog.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true');
    await expect(dialog.getByLabel('E-mail')).toBeFocused();
    await dialog.getByLabel('E-mail').fill(email);
    await dialog.getByLabel('New password').fill('Correct-Horse-Battery-9');
    await dialog.getByRole('button', { name: 'Add user' }).click();

    const drawer = app.getByRole('dialog', { name: 'Nova Tester' });
    await drawer.getByRole('tab', { name: 'Roles' }).click();
    await expect(drawer.getByText('Viewer')).toBeVisible();
    await drawer.getByRole('tab', { name: 'Permissions' }).click();
    await expect(drawer.getByText('traces', { exact: true })).toBeVisible();
    const nova = { email, password: 'Correct-Horse-Battery-9' };
    expect((await (await callAs(server, nova)).call('GET', '/auth/me')).status).toBe(200);
    await drawer.getByRole('button', { name: 'Actions' }).click();
    await app.getByRole('menuitem', { name: 'Deactivate' }).click();
    await app
      .getByRole('dialog', { name: 'Deactivate Nova Tester?' })
      .getByRole('button', { name: 'Deactivate' })
      .click();
    await drawer.getByRole('tab', { name: 'Details' }).click();
    await expect(drawer.getByText('Deactivated')).toBeVisible();
    await expect(callAs(server, nova)).rejects.toThrow('401');
    await drawer.getByRole('button', { name: 'Actions' }).click();
    await app.getByRole('menuitem', { name: 'Delete' }).click();
    await app.getByRole('button', { name: 'Delete user' }).click();
    await expect(drawer).toHaveCount(0);
    await app.getByRole('searchbox', { name: 'Search name or e-mail' }).fill(email);
    await expect(app.getByText('Nothing matches.')).toBeVisible();
  });
});

test('the trail shows what was changed, and is verified', async ({ app, server }) => {
  const id = unique();
  const admin = await callAs(server, users.administrator);
  const group = await admin.call<{ id: string }>('POST', '/groups', { name: `Before ${id}` });
  await admin.call('PATCH', `/groups/${group.body.id}`, { name: `After ${id}` });
  const trail = async () => {
    const { body } = await admin.call<{ data: unknown[] }>(
      'GET',
      `/audit?action=group.updated&resourceId=${group.body.id}`,
    );
    return body.data.length;
  };
  await expect.poll(trail, { timeout: 30_000 }).toBe(1);
  await app.goto(`/settings/audit?action=group.updated&resourceId=${group.body.id}`);
  const rows = app.getByRole('table', { name: 'Audit' }).getByRole('row');
  await expect(rows).toHaveCount(2);
  await rows.nth(1).getByRole('button').click();
  const drawer = app.getByRole('dialog', { name: /group\.updated/ });
  await drawer.getByRole('tab', { name: 'Changes' }).click();
  await expect(drawer.locator('del', { hasText: `Before ${id}` })).toBeVisible();
  await expect(drawer.locator('ins', { hasText: `After ${id}` })).toBeVisible();
  await app.keyboard.press('Escape');

  await app.getByRole('button', { name: 'Verify' }).click();
  await expect(app.getByText('The trail is whole.')).toBeVisible();
  await app.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  const download = app.waitForEvent('download');
  await app.getByRole('button', { name: 'Export' }).click();
  await app.getByRole('menuitem', { name: 'As JSON' }).click();
  expect((await download).suggestedFilename()).toMatch(/^audit-\d{4}-\d{2}-\d{2}\.json$/);
});

test.describe('a viewer', () => {
  test.use({ user: 'viewer' });

  test('sees people, roles and places, and no control that changes them', async ({ app }) => {
    for (const [path, title] of [
      ['/settings/users', 'Users'],
      ['/settings/groups', 'Groups'],
      ['/settings/roles', 'Roles'],
      ['/settings/assignments', 'Assignments'],
      ['/settings/hierarchy', 'Hierarchy'],
      ['/settings/api-keys', 'API keys'],
    ] as const) {
      await app.goto(path);
      await expect(app.getByRole('heading', { name: title, level: 1 })).toBeVisible();
      await app.waitForLoadState('networkidle');
      const first = app.getByRole('treeitem').or(app.getByRole('table').getByRole('button')).first();
      if (await first.isVisible()) {
        await first.click();
        await expect(app.getByRole('dialog')).toBeVisible();
      }
      const controls = /^(Add|Create|New|Edit|Delete|Restore|Assign|Actions$|Grant|Save|Remove|Take)/;
      await expect(app.getByRole('button', { name: controls })).toHaveCount(0);
    }
    await app.goto('/settings/permission-matrix');
    await expect(app.getByRole('checkbox').first()).toBeVisible();
    await expect(app.locator('[data-cell]:not([aria-disabled])')).toHaveCount(0);
    await expect(app.getByRole('link', { name: 'Audit' })).toHaveCount(0);
    await app.goto('/settings/audit');
    await expect(app.getByText('audit-logs:read')).toBeVisible();
  });
});

test('at 360 px a key can be revoked without scrolling sideways', async ({ app, server }) => {
  const admin = await callAs(server, users.administrator);
  const me = await admin.call<{ tenantId: string }>('GET', '/auth/me');
  const name = `phone ${unique()}`;
  const key = await admin.call<{ keyId: string; keySecret: string }>('POST', '/api-keys', {
    name,
    permissions: ['traces:write'],
    scope: { type: 'tenant', tenantId: me.body.tenantId },
  });
  expect(await sendSpan(server, key.body, 'phone')).toBe(200);
  await app.setViewportSize({ width: 360, height: 740 });
  await app.goto(`/settings/api-keys?search=${encodeURIComponent(name)}`);
  await app.getByRole('button', { name, exact: true }).click();
  await app.getByRole('button', { name: 'Actions', exact: true }).click();
  await app.getByRole('menuitem', { name: 'Revoke' }).click();
  await app.getByLabel('Reason (optional)').fill('lost phone');
  await app.getByRole('button', { name: 'Revoke key' }).click();
  await expect(app.getByRole('dialog').getByText('lost phone')).toBeVisible();
  await expect(app.getByRole('button', { name: 'Actions', exact: true })).toHaveCount(0);
  expect(await sendSpan(server, key.body, 'phone')).toBe(401);
});
