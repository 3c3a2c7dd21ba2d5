import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/platform/index.js';
import { people, type People } from './people.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

let postgres: TestPostgres;
let server: IdentityServer;
let team: People;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  team = people(server);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

describe('creating a user', () => {
  it('answers 201 with the user, who signs in as Viewer of the organization', async () => {
    const created = await team.as('admin.telemetryflow', 'POST', '/users', {
      email: '  Ada@Example.com ',
      firstName: 'Ada',
      lastName: 'Lovelace',
      password: team.password,
    });
    expect(created.status, JSON.stringify(created.body)).toBe(201);
    expect(created.headers.get('location')).toBe(`/api/v2/users/${created.body.id}`);
    expect(created.body).toMatchObject({
      email: 'ada@example.com',
      roles: ['viewer'],
      isActive: true,
      mfaEnabled: false,
    });
    const shown = await team.as('admin.telemetryflow', 'GET', `/users/${created.body.id}`);
    expect(shown.body).toEqual(created.body);
    const session = await team.signIn('ada@example.com');
    const me = await server.request('GET', '/api/v2/auth/me', { headers: session });
    expect(me.body).toMatchObject({ email: 'ada@example.com', roles: ['viewer'] });
  });
});
