import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditedServer } from './audit-app.js';
import { people, type People, type Person } from './people.js';

const SUPER = 'super.administrator';

let audited: AuditedServer;
let folks: People;
let home: string;
/** An organization that is none of the default one's business, with three acts. */
let foreign: string;

beforeAll(async () => {
  audited = await AuditedServer.start();
  folks = people(audited.server);
  home = audited.server.seeded.places.default.organizationId;
  foreign = await audited.trail(3);
});
afterAll(() => audited?.stop());

/** An administrator of the default organization who looks around on the whole platform as a Viewer, who sees no trail. */
async function administratorWhoLooksAround(): Promise<Person> {
  const person = await folks.add('administrator');
  const role = { roleId: await folks.roleId('viewer'), scope: { type: 'platform' } };
  const given = await folks.as(SUPER, 'POST', `/users/${person.id}/roles`, role);
  expect(given.status, JSON.stringify(given.body)).toBe(201);
  const me = await folks.as(person.auth, 'GET', '/auth/me');
  expect(me.body.isPlatformAdministrator).toBe(true);
  return person;
}

describe('a role over the platform that gives no permission on trails', () => {
  it('opens the trail of no other organization, though an own role opens the own', async () => {
    const { auth } = await administratorWhoLooksAround();
    const own = await folks.as(auth, 'GET', '/audit?limit=100');
    expect(own.status).toBe(200);
    expect(new Set(own.body.data.map(({ organizationId }: { organizationId: string }) => organizationId))).toEqual(
      new Set([home]),
    );
    const [row] = await audited.rows(`organization_id = '${foreign}'`);
    for (const path of [
      `?organizationId=${foreign}`,
      `/${row!['event_id']}`,
      `/statistics?organizationId=${foreign}`,
      `/verify?organizationId=${foreign}`,
      `/export?format=csv&organizationId=${foreign}`,
    ]) {
      expect([path, (await folks.as(auth, 'GET', `/audit${path}`)).status]).toEqual([path, 404]);
      expect([path, (await folks.as(SUPER, 'GET', `/audit${path}`)).status]).toEqual([path, 200]);
    }
    const exported = await folks.as(auth, 'GET', '/audit/export?format=json');
    // An act of the own trail may name the other organization: the supervisor's exports above do.
    const organizations = exported.body.map(({ organizationId }: { organizationId: string }) => organizationId);
    expect(new Set(organizations)).toEqual(new Set([home]));
  });

  it('hands out the personal data of nobody elsewhere', async () => {
    const { auth } = await administratorWhoLooksAround();
    const { organizationId } = audited.server.seeded.places.demo;
    const [stranger] = await audited.server.sql<{ user_id: string }>(
      'SELECT user_id FROM users WHERE organization_id = $1 LIMIT 1',
      [organizationId],
    );
    expect((await folks.as(auth, 'GET', `/users/${stranger!.user_id}/data-export`)).status).toBe(404);
    expect((await folks.as(SUPER, 'GET', `/users/${stranger!.user_id}/data-export`)).status).toBe(200);
  });
});

describe('the personal data of a colleague', () => {
  it('who is of a stronger tier stays closed', async () => {
    const [boss] = await audited.server.sql<{ user_id: string }>(
      `SELECT user_id FROM users WHERE email LIKE 'super.%'`,
    );
    const refused = await folks.as('admin.telemetryflow', 'GET', `/users/${boss!.user_id}/data-export`);
    expect([refused.status, refused.body.auditEntries]).toEqual([403, undefined]);
  });

  it('says nothing of what they did in other organizations', async () => {
    const colleague = await folks.add('administrator');
    const actor = { type: 'user', id: colleague.id, email: colleague.email, sessionId: '' } as const;
    await audited.act(foreign, { action: 'test.elsewhere' }, { actor });
    await audited.stored(foreign, 4);
    const taken = await folks.as('admin.telemetryflow', 'GET', `/users/${colleague.id}/data-export`);
    expect(taken.status).toBe(200);
    expect(taken.body.auditEntries.length).toBeGreaterThan(0);
    expect(JSON.stringify(taken.body)).not.toContain('test.elsewhere');
    const own = await folks.as(colleague.auth, 'GET', '/users/me/data-export');
    expect(JSON.stringify(own.body)).toContain('test.elsewhere');
  });
});
