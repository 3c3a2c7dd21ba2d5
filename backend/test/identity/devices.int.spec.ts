import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  startIdentityServer,
  startTestPostgres,
  type Answer,
  type IdentityServer,
  type TestPostgres,
} from './identity-app.js';
import { people, type People, type Person } from './people.js';
import { codeAt, enrol, type Enrolled, forgetUse, verifyMfa } from './second-factor.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0';
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

let postgres: TestPostgres;
let server: IdentityServer;
let crowd: People;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres, { NODE_ENV: 'test', SIGN_IN_FAILURES_PER_MINUTE: '100000' });
  crowd = people(server);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

/** A browser: it keeps its cookies, and sends them. */
class Browser {
  readonly #cookies = new Map<string, string>();
  constructor(readonly userAgent = FIREFOX) {}

  get headers(): Record<string, string> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return { 'x-client': 'browser', 'user-agent': this.userAgent, ...(cookie === '' ? {} : { cookie }) };
  }

  get deviceToken(): string | undefined {
    return this.#cookies.get('tf_device');
  }

  plant(deviceToken: string): void {
    this.#cookies.set('tf_device', deviceToken);
  }

  async login(email: string): Promise<Answer> {
    return this.keep(
      await server.request('POST', '/api/v2/auth/login', {
        headers: this.headers,
        body: { email, password: crowd.password },
      }),
    );
  }

  async verify(mfaToken: string, code: string, trustDevice: boolean): Promise<Answer> {
    return this.keep(await verifyMfa(server, mfaToken, code, { headers: this.headers, trustDevice }));
  }

  keep(answer: Answer): Answer {
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([\w-]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
    return answer;
  }
}

const bearer = ({ body }: Answer) => ({ authorization: `Bearer ${body.access_token}` });
const devicesOf = async (auth: { authorization: string }) => (await crowd.as(auth, 'GET', '/auth/devices')).body.data;
const newDevices = (userId: string) =>
  server.sql(`SELECT payload FROM outbox WHERE type = 'auth.device_added' AND payload->>'userId' = $1`, [userId]);

describe('known devices', () => {
  it('are known again by a cookie that no script and no other site reads', async () => {
    const person = await crowd.add();
    const browser = new Browser();
    const first = await browser.login(person.email);
    const cookie = first.headers.getSetCookie().find((each) => each.startsWith('tf_device='))!;
    expect(cookie).toMatch(/^tf_device=[\w-]{43}; Path=\/api\/v2\/auth; .*HttpOnly; SameSite=Strict/);
    const second = await browser.login(person.email);
    const [known, ...others] = await devicesOf(bearer(second));
    expect(known).toMatchObject({
      name: 'Firefox 141 · Linux',
      browser: 'Firefox 141',
      os: 'Linux',
      lastIp: '127.0.0.1',
      loginCount: 2,
      isTrusted: false,
      trustExpiresAt: null,
      isCurrent: true,
    });
    // What signed in when the person was made.
    expect(others).toHaveLength(1);
    const stored = JSON.stringify(await server.sql('SELECT d::text FROM known_devices d'));
    expect(stored).not.toContain(browser.deviceToken);
  });

  it('tell their owner of a new one, but not of the first, nor of one seen before', async () => {
    const person = await crowd.add();
    expect(await newDevices(person.id)).toHaveLength(0);
    const browser = new Browser(CHROME);
    await browser.login(person.email);
    expect(await newDevices(person.id)).toHaveLength(1);
    await browser.login(person.email);
    // Without its cookie it still comes from the same network, as the same browser.
    await new Browser(CHROME).login(person.email);
    expect(await newDevices(person.id)).toHaveLength(1);
    await new Browser(FIREFOX).login(person.email);
    expect(await newDevices(person.id)).toHaveLength(2);
    expect(JSON.stringify(await newDevices(person.id))).not.toContain(browser.deviceToken);
  });

  it('are named and forgotten by their owner alone; their sessions end with them', async () => {
    const [person, other] = [await crowd.add(), await crowd.add()];
    const [here, there] = [await new Browser().login(person.email), await new Browser(CHROME).login(person.email)];
    const device = (await devicesOf(bearer(there))).find(({ isCurrent }: { isCurrent: boolean }) => isCurrent);
    const path = `/auth/devices/${device.id}`;
    for (const name of ['Büro <b>=cmd|x', '🦊']) {
      const renamed = await crowd.as(bearer(here), 'PATCH', path, { name });
      expect([renamed.status, renamed.body.name]).toEqual([200, name]);
    }
    for (const name of ['', 'x'.repeat(101), 'a\u0000b'])
      expect((await crowd.as(bearer(here), 'PATCH', path, { name })).status).toBe(400);
    expect((await crowd.as(other.auth, 'PATCH', path, { name: 'mine' })).status).toBe(404);
    expect((await crowd.as(other.auth, 'DELETE', path)).status).toBe(404);
    expect(JSON.stringify(await devicesOf(other.auth))).not.toContain(device.id);

    expect((await crowd.as(bearer(here), 'DELETE', path)).status).toBe(204);
    expect((await crowd.as(bearer(there), 'GET', '/auth/me')).status).toBe(401);
    expect((await crowd.as(bearer(here), 'GET', '/auth/me')).status).toBe(200);
    expect((await crowd.as(bearer(here), 'DELETE', path)).status).toBe(404);
  });
});

describe('a trusted device', () => {
  let person: Person;
  let enrolled: Enrolled;
  beforeAll(async () => {
    person = await crowd.add();
    enrolled = await enrol(server, person.auth);
  });
  beforeEach(() => forgetUse(server, person.id));

  async function signIn(browser: Browser, trustDevice: boolean): Promise<Answer> {
    await forgetUse(server, person.id);
    const { body } = await browser.login(person.email);
    return browser.verify(body.mfaToken, codeAt(enrolled.secret), trustDevice);
  }
  const isAsked = async (browser: Browser) => (await browser.login(person.email)).body.mfaRequired === true;

  it('needs no code for 30 days, after it was trusted in so many words', async () => {
    const [trusted, untrusted] = [new Browser(), new Browser()];
    await signIn(untrusted, false);
    expect(await isAsked(untrusted)).toBe(true);
    const tokens = await signIn(trusted, true);
    expect(await isAsked(trusted)).toBe(false);
    const device = (await devicesOf(bearer(tokens))).find(({ isTrusted }: { isTrusted: boolean }) => isTrusted);
    const days = (Date.parse(device.trustExpiresAt) - Date.now()) / 86_400_000;
    expect(Math.abs(days - 30)).toBeLessThan(0.1);
    const [login] = await server.sql<{ factor: string }>(
      `SELECT payload->>'factor' AS factor FROM outbox WHERE type = 'auth.login' AND payload->>'userId' = $1
       ORDER BY id DESC LIMIT 1`,
      [person.id],
    );
    expect(login!.factor).toBe('trusted_device');
    await server.sql('UPDATE known_devices SET trusted_until = now() WHERE user_id = $1 AND trusted_until > now()', [
      person.id,
    ]);
    expect(await isAsked(trusted)).toBe(true);
  });

  it('is trusted under a token that nobody can have planted there before', async () => {
    const attacker = new Browser();
    await attacker.login((await crowd.add()).email);
    const victim = new Browser();
    victim.plant(attacker.deviceToken!);
    await signIn(victim, true);
    expect(victim.deviceToken).not.toBe(attacker.deviceToken);
    expect([await isAsked(attacker), await isAsked(victim)]).toEqual([true, false]);
  });

  it('is one of one person, not of others who use it', async () => {
    const browser = new Browser();
    await signIn(browser, true);
    const other = await crowd.add();
    await enrol(server, other.auth);
    expect((await browser.login(other.email)).body.mfaRequired).toBe(true);
    expect(await isAsked(browser)).toBe(false);
  });

  it('can be a program, which is told its token and sends it', async () => {
    const login = (more: Record<string, unknown>) =>
      server.request('POST', '/api/v2/auth/login', {
        body: { email: person.email, password: crowd.password, ...more },
      });
    const { body } = await login({});
    const plain = await verifyMfa(server, body.mfaToken, codeAt(enrolled.secret));
    expect(plain.status).toBe(200);
    expect(plain.body).not.toHaveProperty('device_token');
    await forgetUse(server, person.id);
    const challenge = (await login({})).body.mfaToken;
    const trusted = await verifyMfa(server, challenge, codeAt(enrolled.secret), { trustDevice: true });
    const { device_token: deviceToken } = trusted.body;
    expect(deviceToken).toMatch(/^[\w-]{43}$/);
    expect((await login({ deviceToken })).body).toHaveProperty('access_token');
    expect((await login({ deviceToken: 'nonsense' })).body).toHaveProperty('mfaRequired');
    const wrongPassword = { email: person.email, password: 'not the password', deviceToken };
    expect((await server.request('POST', '/api/v2/auth/login', { body: wrongPassword })).status).toBe(401);
  });

  it.each([
    ['taken back', (id: string) => crowd.as(person.auth, 'PATCH', `/auth/devices/${id}`, { isTrusted: false })],
    ['forgotten', (id: string) => crowd.as(person.auth, 'DELETE', `/auth/devices/${id}`)],
  ])('is asked again once its trust is %s', async (_how, withdraw) => {
    const browser = new Browser();
    const tokens = await signIn(browser, true);
    const current = (await devicesOf(bearer(tokens))).find(({ isCurrent }: { isCurrent: boolean }) => isCurrent);
    expect((await withdraw(current.id)).status).toBeLessThan(300);
    expect(await isAsked(browser)).toBe(true);
  });

  it('can’t be made one afterwards', async () => {
    const [device] = await devicesOf(person.auth);
    const { status } = await crowd.as(person.auth, 'PATCH', `/auth/devices/${device.id}`, { isTrusted: true });
    expect(status).toBe(400);
  });

  it('is asked again after the password was changed', async () => {
    const browser = new Browser();
    await signIn(browser, true);
    const answer = await crowd.as(person.auth, 'POST', '/auth/change-password', {
      currentPassword: crowd.password,
      newPassword: 'another teal umbrella wanders 8',
    });
    expect(answer.status).toBe(200);
    const again = await server.request('POST', '/api/v2/auth/login', {
      headers: browser.headers,
      body: { email: person.email, password: 'another teal umbrella wanders 8' },
    });
    expect(again.body.mfaRequired).toBe(true);
  });
});
