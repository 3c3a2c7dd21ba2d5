/** Tests about people: a server of their own that verifies addresses, and the mails that it sends. */
import { readMail } from '../../backend/src/shared/email/testing/read-mail.ts';
import { smtpSink, type SmtpSink } from '../../backend/src/shared/email/testing/smtp-sink.ts';
import { eventually, TestPlatform } from '../../backend/test/support/platform.ts';
import type { Browser, Page } from '@playwright/test';
import { expect, logIn, test as base } from './fixtures.ts';

export interface Person {
  readonly email: string;
  readonly password: string;
}

let count = 0;

export class PeopleServer {
  private constructor(
    readonly platform: TestPlatform,
    private readonly smtp: SmtpSink,
  ) {}

  static async start(): Promise<PeopleServer> {
    const smtp = await smtpSink();
    const platform = await TestPlatform.start({
      SMTP_ENABLED: 'true',
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(smtp.port),
      REGISTRATIONS_PER_HOUR: '100000',
      SIGN_IN_FAILURES_PER_MINUTE: '100000',
    });
    return new PeopleServer(platform, smtp);
  }

  async stop(): Promise<void> {
    await this.platform.dispose();
    this.smtp.close();
  }

  /** An address and a password that nobody has yet. */
  stranger(): Person {
    count += 1;
    return { email: `robin-${process.pid}-${count}@example.com`, password: 'seven quiet harbour lanterns' };
  }

  /** Somebody with a verified address and an organization of their own. */
  async person(): Promise<Person> {
    const person = this.stranger();
    const body = { ...person, firstName: 'Robin', lastName: 'Quill' };
    expect((await this.platform.request('POST', '/api/v2/auth/register', { body })).status).toBe(201);
    const token = new URL(await this.linkTo(person.email, '/verify-email')).searchParams.get('token');
    expect((await this.platform.request('POST', '/api/v2/auth/verify-email', { body: { token } })).status).toBe(200);
    return person;
  }

  /** A user of the default organization who has to choose a password of their own at the first login. */
  async newcomer(): Promise<Person> {
    const { email, password } = this.stranger();
    const made = await this.platform.api<{ id: string }>('POST', '/api/v2/users', {
      body: { email, password, firstName: 'Robin', lastName: 'Quill', forcePasswordChange: true },
    });
    expect(made.status).toBe(201);
    return { email, password };
  }

  /** The newest link of a page that was mailed to the address. */
  linkTo(address: string, page: string): Promise<string> {
    return eventually(`a mail to ${address} with a link to ${page}`, async () =>
      this.smtp.messages
        .map(readMail)
        .filter(({ headers }) => headers.get('to')?.includes(address))
        .flatMap(({ text }) => text.match(/https?:\/\/\S+/g) ?? [])
        .findLast((link) => new URL(link).pathname === page),
    );
  }

  /** The page of a link, on this server, whatever address its mails name. */
  async follow(page: Page, link: string): Promise<void> {
    const { pathname, search } = new URL(link);
    await page.goto(pathname + search);
  }
}

interface Own {
  readonly people: PeopleServer;
}

export const test = base.extend<object, Own>({
  people: [
    // Playwright wants an object pattern even where nothing is taken from it.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const people = await PeopleServer.start();
      await use(people);
      await people.stop();
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  server: async ({ people }, use) => {
    await use({
      url: people.platform.url,
      otlpUrl: people.platform.otlpHttpUrl,
      key: await people.platform.developmentKey(),
    });
  },
});

/** Another browser of the same person, logged in. */
export async function elsewhere(browser: Browser, url: string, person: Person): Promise<Page> {
  const context = await browser.newContext({ baseURL: url, timezoneId: 'UTC', locale: 'en-US' });
  const page = await context.newPage();
  await page.goto('/login');
  await logIn(page, person);
  await expect(page).toHaveURL(/overview/);
  return page;
}

export { expect, logIn };
