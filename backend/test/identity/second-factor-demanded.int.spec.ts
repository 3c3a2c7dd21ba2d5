import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';
import { people, type People } from './people.js';
import { enrol } from './second-factor.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres?.stop());

async function withServer(environment: Record<string, string>, work: (server: IdentityServer) => Promise<void>) {
  const server = await startIdentityServer(postgres, { NODE_ENV: 'test', ...environment });
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}
const signIn = (server: IdentityServer, crowd: People, email: string) =>
  server.request('POST', '/api/v2/auth/login', { body: { email, password: crowd.password } });

describe('a second factor that is demanded', () => {
  it('of administrators keeps everything else closed to them until it is set up, and nobody else out', async () => {
    let email = '';
    await withServer({}, async (server) => {
      email = (await people(server).add('administrator')).email;
    });
    await withServer({ MFA_REQUIRED: 'administrators' }, async (server) => {
      const crowd = people(server);
      const { body } = await signIn(server, crowd, email);
      expect(body.user.mustSetUpSecondFactor).toBe(true);
      const auth = { authorization: `Bearer ${body.access_token}` };
      for (const [method, path] of [
        ['GET', '/users'],
        ['GET', '/api-keys'],
        ['PATCH', '/auth/profile'],
      ] as const) {
        const refused = await crowd.as(auth, method, path, method === 'GET' ? undefined : {});
        expect([refused.status, refused.body.code]).toEqual([403, 'AUTH_MFA_ENROLMENT_REQUIRED']);
      }
      for (const path of ['/auth/me', '/auth/mfa/status', '/auth/profile', '/auth/preferences']) {
        expect((await crowd.as(auth, 'GET', path)).status).toBe(200);
      }
      await enrol(server, auth);
      expect((await crowd.as(auth, 'GET', '/users')).status).toBe(200);
      expect((await crowd.as(auth, 'GET', '/auth/me')).body.mustSetUpSecondFactor).toBe(false);
      expect((await crowd.as('viewer.telemetryflow', 'GET', '/users')).status).toBe(200);
    });
  });

  it('of everyone is demanded of viewers, too', async () => {
    await withServer({ MFA_REQUIRED: 'everyone' }, async (server) => {
      const refused = await people(server).as('viewer.telemetryflow', 'GET', '/users');
      expect([refused.status, refused.body.code]).toEqual([403, 'AUTH_MFA_ENROLMENT_REQUIRED']);
    });
  });
});

it('setting one up takes the password when the sign-in is a while ago', async () => {
  await withServer({}, async (server) => {
    const crowd = people(server);
    const { email } = await crowd.add();
    const { body } = await signIn(server, crowd, email);
    const auth = { authorization: `Bearer ${body.access_token}` };
    await server.sql(
      `UPDATE sessions SET created_at = now() - interval '16 minutes'
       WHERE user_id = (SELECT user_id FROM users WHERE email = $1)`,
      [email],
    );
    const setUp = (sent?: unknown) => crowd.as(auth, 'POST', '/auth/mfa/setup', sent);
    const refused = await setUp();
    expect([refused.status, refused.body.code]).toEqual([403, 'AUTH_REAUTHENTICATION_REQUIRED']);
    const wrong = await setUp({ password: 'not the password' });
    expect([wrong.status, wrong.body.code]).toEqual([401, 'AUTH_INVALID_CREDENTIALS']);
    expect((await setUp({ password: crowd.password })).body.secret).toMatch(/^[A-Z2-7]{32}$/);
  });
});
