import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';
import { people, type People } from './people.js';
import { enrol } from './second-factor.js';

let postgres: TestPostgres;
let server: IdentityServer;
let crowd: People;

const ADMINISTRATOR = 'admin.telemetryflow';
const login = (email: string) =>
  server.request('POST', '/api/v2/auth/login', { body: { email, password: crowd.password } });

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  crowd = people(server);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

describe('ending somebody’s sessions', () => {
  it('refuses all their tokens at once, lets them sign in again, and is recorded', async () => {
    const person = await crowd.add();
    const elsewhere = await crowd.signIn(person.email);
    expect((await crowd.as(ADMINISTRATOR, 'DELETE', `/users/${person.id}/sessions`)).status).toBe(204);
    for (const auth of [person.auth, elsewhere]) {
      expect((await crowd.as(auth, 'GET', '/auth/me')).status).toBe(401);
    }
    expect((await login(person.email)).status).toBe(200);
    expect((await crowd.acts(person.id)).map(({ type }) => type)).toContain('user.sessions_ended');
  });

  it('is for those who manage users, and not of a stronger tier', async () => {
    const person = await crowd.add();
    const viewer = await crowd.add('viewer');
    expect((await crowd.as(viewer.auth, 'DELETE', `/users/${person.id}/sessions`)).status).toBe(403);
    const [stronger] = await server.sql<{ user_id: string }>(`SELECT user_id FROM users WHERE email LIKE 'super.%'`);
    expect((await crowd.as(ADMINISTRATOR, 'DELETE', `/users/${stronger!.user_id}/sessions`)).status).toBe(403);
    expect((await crowd.as('demo.telemetryflow', 'DELETE', `/users/${person.id}/sessions`)).status).toBe(403);
    expect((await crowd.as(person.auth, 'GET', '/auth/me')).status).toBe(200);
  });
});

describe('turning off a lost second factor', () => {
  it('lets its owner in by password again, ends their sessions, and is recorded', async () => {
    const person = await crowd.add();
    await enrol(server, person.auth);
    expect((await login(person.email)).body).toMatchObject({ mfaRequired: true });
    expect((await crowd.as(ADMINISTRATOR, 'DELETE', `/users/${person.id}/mfa`)).status).toBe(204);
    expect((await crowd.as(person.auth, 'GET', '/auth/me')).status).toBe(401);
    const { body } = await login(person.email);
    expect(body).toHaveProperty('access_token');
    const status = await crowd.as({ authorization: `Bearer ${body.access_token}` }, 'GET', '/auth/mfa/status');
    expect(status.body).toMatchObject({ enabled: false, recoveryCodesRemaining: 0 });
    const act = (await crowd.acts(person.id)).find(({ type }) => type === 'user.mfa_removed');
    expect(act?.payload).toMatchObject({ before: { mfaEnabled: true }, after: { mfaEnabled: false } });
  });

  it('finds none where there is none, and is not done to oneself', async () => {
    const person = await crowd.add();
    expect((await crowd.as(ADMINISTRATOR, 'DELETE', `/users/${person.id}/mfa`)).status).toBe(404);
    const administrator = await crowd.add('administrator');
    await enrol(server, administrator.auth);
    expect((await crowd.as(administrator.auth, 'DELETE', `/users/${administrator.id}/mfa`)).status).toBe(409);
    const viewer = await crowd.add('viewer');
    expect((await crowd.as(viewer.auth, 'DELETE', `/users/${administrator.id}/mfa`)).status).toBe(403);
  });
});
