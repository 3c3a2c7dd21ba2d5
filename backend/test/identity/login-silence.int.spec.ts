import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SecretHasher } from '../../src/shared/platform/secret-hasher.js';
import {
  startIdentityServer,
  startTestPostgres,
  type Answer,
  type IdentityServer,
  type TestPostgres,
} from './identity-app.js';
import { statementsOf } from './statements.js';

let postgres: TestPostgres;
let server: IdentityServer;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres, { NODE_ENV: 'test', SIGN_IN_FAILURES_PER_MINUTE: '100000' });
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

/** Logins that must not be told apart; the first two and the last would be right but for the account's state. */
const REFUSED = {
  locked: ['admin.telemetryflow@telemetryflow.id', 'Admin@123456'],
  disabled: ['demo.telemetryflow@telemetryflow.id', 'Demo@123456'],
  wrong: ['viewer.telemetryflow@telemetryflow.id', 'Wrong@123456'],
  unknown: ['nobody.at.all@telemetryflow.id', 'Wrong@123456'],
  'without password': ['developer.telemetryflow@telemetryflow.id', 'Developer@123456'],
} as const;
type Kind = keyof typeof REFUSED;
const KINDS = Object.keys(REFUSED) as Kind[];

beforeEach(async () => {
  await server.sql('UPDATE users SET failed_login_attempts = 0, locked_until = NULL, is_active = true');
  await server.sql(`UPDATE users SET failed_login_attempts = 5, locked_until = now() + interval '1 hour'
                    WHERE email LIKE 'admin.%'`);
  await server.sql(`UPDATE users SET is_active = false WHERE email LIKE 'demo.%'`);
  await server.sql(`UPDATE users SET password_hash = NULL WHERE email LIKE 'developer.%'`);
});

function login(email: string, password: string): Promise<Answer> {
  return server.request('POST', '/api/v2/auth/login', { body: { email, password } });
}
/** The wrong password must not become a lock on the way. */
async function refusedLogin(kind: Kind): Promise<Answer> {
  const [email, password] = REFUSED[kind];
  await server.sql(`UPDATE users SET failed_login_attempts = 0 WHERE email = $1 AND locked_until IS NULL`, [email]);
  return login(email, password);
}
/** An answer without what differs from request to request. */
function stable({ status, headers, body }: Answer): unknown {
  const { requestId: _, ...rest } = body;
  const names = [...headers.keys()].filter((name) => !['date', 'x-request-id'].includes(name));
  return { status, rest, headers: names.map((name) => [name, headers.get(name)]) };
}

interface Work {
  readonly statements: string[];
  /** What each run of the hash costs: the parameters of the stored string. */
  readonly hashRuns: string[];
}

/** The work that the server did meanwhile. */
async function workOf(run: () => Promise<unknown>): Promise<Work> {
  const hasher = server.app.get(SecretHasher);
  const verify = hasher.verify.bind(hasher);
  const hashRuns: string[] = [];
  hasher.verify = (stored, secret) => {
    hashRuns.push(/^\$[^$]+\$[^$]+\$[^$]+/.exec(stored)?.[0] ?? stored);
    return verify(stored, secret);
  };
  try {
    return { statements: await statementsOf(server.app, run), hashRuns };
  } finally {
    hasher.verify = verify;
  }
}

/** How often a sample of `a` is slower than one of `b` (Mann and Whitney): 0.5 for equal distributions, 0 or 1 for disjoint. */
function dominance(a: readonly number[], b: readonly number[]): number {
  const wins = a.flatMap((x) => b.map((y) => (x > y ? 1 : x === y ? 0.5 : 0)));
  return wins.reduce((sum: number, win) => sum + win, 0) / wins.length;
}

describe('a refused login', () => {
  it('B2: has one body, whether the account is unknown, locked, disabled, without password, or the password wrong', async () => {
    const answers = [];
    for (const kind of KINDS) answers.push(stable(await refusedLogin(kind)));
    expect(answers[0]).toMatchObject({ status: 401, rest: { code: 'AUTH_INVALID_CREDENTIALS' } });
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('B2: does the same work: the same statements in the same order, and one run of the hash at the same cost', async () => {
    const works = [];
    for (const kind of KINDS) works.push(await workOf(() => refusedLogin(kind)));
    expect(works[0]!.statements.length).toBeGreaterThan(5);
    expect(works[0]!.hashRuns).toEqual(['$argon2id$v=19$m=65536,t=3,p=4']);
    for (const work of works.slice(1)) expect(work).toEqual(works[0]);
  });

  it(
    'B2: takes as long: none of unknown, locked and wrong-password is reliably slower or faster than another',
    async () => {
      const samples = { unknown: [] as number[], locked: [] as number[], wrong: [] as number[] };
      const kinds = ['unknown', 'locked', 'wrong'] as const;
      // In turn, so that whatever else the machine does slows all of them.
      for (let round = 0; round < 14; round += 1) {
        await server.sql('UPDATE users SET failed_login_attempts = 0 WHERE email = $1', [REFUSED.wrong[0]]);
        for (const kind of kinds) {
          const [email, password] = REFUSED[kind];
          const startedAt = performance.now();
          await login(email, password);
          samples[kind].push(performance.now() - startedAt);
        }
      }
      // Equal distributions leave this interval in fewer than five runs of a million: of the 40,116,600 orders of 14 and 14
      // samples, 19 are as one-sided. Without the run of the hash every sample of a kind is the faster one.
      for (const [one, other] of [
        ['unknown', 'locked'],
        ['unknown', 'wrong'],
        ['locked', 'wrong'],
      ] as const) {
        const slower = dominance(samples[one], samples[other]);
        expect(slower, `${one} against ${other}`).toBeGreaterThan(0.03);
        expect(slower, `${one} against ${other}`).toBeLessThan(0.97);
      }
    },
    // 42 runs of the hash, one after the other, on whatever machine.
    300_000,
  );
});

describe('the lock', () => {
  const [viewer] = REFUSED.wrong;
  const goodViewer = () => login(viewer, 'Viewer@123456');
  const failViewer = async (times: number) => {
    for (let i = 0; i < times; i += 1) expect((await login(viewer, 'Wrong@123456')).status).toBe(401);
  };

  it('B3: comes with the fifth failure, for 15 minutes, silently, for this account alone', async () => {
    await failViewer(4);
    expect((await goodViewer()).status).toBe(200);
    // That reset the count.
    await failViewer(4);
    expect((await goodViewer()).status).toBe(200);
    await failViewer(5);
    const locked = await goodViewer();
    expect(stable(locked)).toEqual(stable(await login('nobody.at.all@telemetryflow.id', 'Viewer@123456')));
    expect((await login('super.administrator@telemetryflow.id', 'SuperAdmin@123456')).status).toBe(200);
    const [row] = await server.sql<{ minutes: number }>(
      `SELECT round(extract(epoch FROM locked_until - now()) / 60)::int AS minutes FROM users WHERE email = $1`,
      [viewer],
    );
    expect(row!.minutes).toBe(15);
    await server.sql(`UPDATE users SET locked_until = now() WHERE email = $1`, [viewer]);
    expect((await goodViewer()).status).toBe(200);
  }, 120_000);

  it('B3: is opened by an administrator', async () => {
    await failViewer(5);
    expect((await goodViewer()).status).toBe(401);
    const [{ id } = { id: '' }] = await server.sql<{ id: string }>('SELECT user_id AS id FROM users WHERE email = $1', [
      viewer,
    ]);
    const headers = await server.as('super.administrator');
    expect((await server.request('POST', `/api/v2/users/${id}/unlock`, { headers })).status).toBe(200);
    expect((await goodViewer()).status).toBe(200);
  });
});

describe('failures from one address', () => {
  it('are limited over all accounts, for right passwords too, with the seconds to wait', async () => {
    const strict = await startIdentityServer(postgres, { NODE_ENV: 'test', SIGN_IN_FAILURES_PER_MINUTE: '3' });
    try {
      const attempt = (email: string, password: string) =>
        strict.request('POST', '/api/v2/auth/login', { body: { email, password } });
      for (let i = 0; i < 3; i += 1)
        expect((await attempt(`sprayed-${i}@example.com`, 'Summer@2026')).status).toBe(401);
      const limited = await attempt(REFUSED.wrong[0], 'Viewer@123456');
      expect([limited.status, limited.body.code]).toEqual([429, 'RATE_LIMIT_EXCEEDED']);
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
      const code = await strict.request('POST', '/api/v2/auth/verify-mfa', { body: { mfaToken: 'x', code: '123456' } });
      const link = await strict.request('POST', '/api/v2/auth/verify-email', { body: { token: 'x' } });
      expect([code.status, link.status]).toEqual([429, 429]);
    } finally {
      await strict.stop();
    }
  });
});
