/** A page that is logged in, and fails its test on any console error, page error or policy violation. */
import { type Page, test as base, expect } from '@playwright/test';
import type { Key } from './telemetry.ts';

export const users = {
  super: { email: 'super.administrator@telemetryflow.id', password: 'SuperAdmin@123456' },
  administrator: { email: 'admin.telemetryflow@telemetryflow.id', password: 'Admin@123456' },
  /** Whose preferences the tests change: nobody else's tests show them. */
  developer: { email: 'developer.telemetryflow@telemetryflow.id', password: 'Developer@123456' },
  viewer: { email: 'viewer.telemetryflow@telemetryflow.id', password: 'Viewer@123456' },
  demo: { email: 'demo.telemetryflow@telemetryflow.id', password: 'Demo@123456' },
} as const;
export type User = keyof typeof users;

export interface Server {
  readonly url: string;
  readonly otlpUrl: string;
  readonly key: Key;
}

/** Fills the login form. */
export async function logIn(page: Page, user: { email: string; password: string }): Promise<void> {
  await page.getByLabel('E-mail').fill(user.email);
  await page.getByLabel('Password', { exact: true }).fill(user.password);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
}

interface Fixtures {
  readonly server: Server;
  /** Who `app` is logged in as. */
  readonly user: User;
  /** Expected console messages, by substring; everything else at warning or above fails the test. */
  readonly tolerated: string[];
  readonly watched: Page;
  readonly app: Page;
}

export const test = base.extend<Fixtures>({
  // Playwright wants an object pattern even where nothing is taken from it.
  // oxlint-disable-next-line no-empty-pattern
  server: async ({}, use) => {
    const { TF_URL: url = '', TF_OTLP_URL: otlpUrl = '', TF_KEY: key = '{}' } = process.env;
    await use({ url, otlpUrl, key: JSON.parse(key) as Key });
  },
  baseURL: async ({ server }, use) => use(server.url),
  user: ['administrator', { option: true }],
  tolerated: [[], { option: true }],
  watched: async ({ page, tolerated }, use) => {
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await use(page);
    expect(complaints.filter((c) => !tolerated.some((t) => c.includes(t)))).toEqual([]);
  },
  app: async ({ watched, user }, use) => {
    await watched.goto('/login');
    await logIn(watched, users[user]);
    await expect(watched).not.toHaveURL(/login/);
    await use(watched);
  },
});

export { expect };
