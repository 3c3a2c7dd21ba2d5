import { SavedView, SavedViewPage } from '@telemetryflow/contracts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';
import { HOSTILE_NAMES, people, secondOrganization, type People } from './people.js';

const ADMIN = 'admin.telemetryflow';
const DEVELOPER = 'developer.telemetryflow';
const VIEWER = 'viewer.telemetryflow';

let postgres: TestPostgres;
let server: IdentityServer;
let team: People;
let counter = 0;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  team = people(server);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

const save = (who: Parameters<People['as']>[0], changed: Record<string, unknown> = {}) =>
  team.as(who, 'POST', '/saved-views', {
    name: `View ${(counter += 1)}`,
    page: 'logs',
    state: 'query=severity%3Aerror&from=now-1h',
    ...changed,
  });
const names = async (who: Parameters<People['as']>[0], query: string) =>
  SavedViewPage.parse((await team.as(who, 'GET', `/saved-views?limit=100&${query}`)).body).data.map(({ name }) => name);

describe('a saved view', () => {
  it('is kept, listed, changed and forgotten, each recorded', async () => {
    const made = await save(ADMIN, { name: 'Errors of checkout', description: 'On call' });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`/api/v2/saved-views/${made.body.id}`);
    expect(SavedView.parse(made.body)).toMatchObject({
      name: 'Errors of checkout',
      visibility: 'private',
      state: 'query=severity%3Aerror&from=now-1h',
      isMine: true,
      ownerName: expect.stringMatching(/\w/),
    });
    const path = `/saved-views/${made.body.id}`;
    expect((await team.as(ADMIN, 'GET', path)).body).toEqual(made.body);
    const changed = await team.as(ADMIN, 'PATCH', path, { state: 'query=', visibility: 'shared' });
    expect(changed.body).toMatchObject({ name: 'Errors of checkout', state: 'query=', visibility: 'shared' });
    // What changes nothing is no act.
    expect((await team.as(ADMIN, 'PATCH', path, { state: 'query=' })).status).toBe(200);
    expect((await team.as(ADMIN, 'DELETE', path)).status).toBe(204);
    expect((await team.as(ADMIN, 'GET', path)).status).toBe(404);
    const acts = await team.acts(made.body.id);
    expect(acts.map(({ type }) => type)).toEqual(['saved_view.created', 'saved_view.updated', 'saved_view.deleted']);
    expect(acts[1]?.payload).toMatchObject({ before: { visibility: 'private' }, after: { visibility: 'shared' } });
  });

  it('that is private is not there for anybody else', async () => {
    const { body } = await save(DEVELOPER, { name: 'Mine alone' });
    expect(await names(DEVELOPER, 'search=MINE')).toEqual(['Mine alone']);
    expect(await names(ADMIN, 'search=MINE')).toEqual([]);
    const path = `/saved-views/${body.id}`;
    const attempts = await Promise.all([
      team.as(ADMIN, 'GET', path),
      team.as(ADMIN, 'PATCH', path, { name: 'Taken' }),
      team.as(ADMIN, 'DELETE', path),
    ]);
    expect(attempts.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect((await team.as(DEVELOPER, 'GET', path)).body).toMatchObject({ name: 'Mine alone', isMine: true });
  });

  it('that is shared is read by everybody in the tenant, changed by whoever may, and hidden by its owner alone', async () => {
    const { body } = await save(DEVELOPER, { name: 'For all', visibility: 'shared' });
    const path = `/saved-views/${body.id}`;
    expect((await team.as(VIEWER, 'GET', path)).body).toMatchObject({ name: 'For all', isMine: false });
    expect((await team.as(VIEWER, 'PATCH', path, { name: 'No' })).status).toBe(403);
    expect((await team.as(ADMIN, 'PATCH', path, { name: 'For all of us' })).body).toMatchObject({ isMine: false });
    const hidden = await team.as(ADMIN, 'PATCH', path, { visibility: 'private' });
    expect(hidden).toMatchObject({ status: 400, body: { errors: [{ path: 'visibility' }] } });
    expect((await team.as(DEVELOPER, 'PATCH', path, { visibility: 'private' })).status).toBe(200);
    expect((await team.as(VIEWER, 'GET', path)).status).toBe(404);
  });

  it('is found by its page and by a part of its name or description', async () => {
    await save(ADMIN, { name: 'zebra map', page: 'services', visibility: 'shared' });
    await save(ADMIN, { name: 'Aardvark', description: 'like a ZEBRA', page: 'traces', visibility: 'shared' });
    expect(await names(VIEWER, 'search=zebra')).toEqual(['Aardvark', 'zebra map']);
    expect(await names(VIEWER, 'search=zebra&view=services')).toEqual(['zebra map']);
    expect(await names(VIEWER, 'search=%25')).toEqual([]);
  });

  it.each(HOSTILE_NAMES)('named %s is stored as it is, or refused', async (_, name, stored) => {
    const { status, body } = await save(ADMIN, { name: name.slice(0, 300) });
    expect(status).toBe(stored === null ? 400 : 201);
    if (stored !== null) expect(body.name).toBe(stored);
  });

  it('of another organization is not there, whatever the application asks', async () => {
    const foreign = await secondOrganization(server);
    const [row] = await server.sql<{ saved_view_id: string }>(
      `INSERT INTO saved_views (saved_view_id, organization_id, workspace_id, tenant_id, owner_id, name, page, state, visibility)
       VALUES (gen_random_uuid(), $1, $2, $3, $4, 'theirs', 'logs', '', 'shared') RETURNING saved_view_id`,
      [foreign.organizationId, foreign.workspaceId, foreign.tenantId, foreign.userId],
    );
    const path = `/saved-views/${row?.saved_view_id}`;
    expect((await team.as(ADMIN, 'GET', path)).status).toBe(404);
    expect((await team.as(ADMIN, 'DELETE', path)).status).toBe(404);
    expect(await names(ADMIN, 'search=theirs')).toEqual([]);
  });
});

it('is refused beyond the five hundredth of a person, however many are made at once', async () => {
  const person = await team.add('developer');
  const first = await save(person.auth);
  expect(first.status).toBe(201);
  const owner = new pg.Client({ connectionString: postgres.ownerUrl });
  await owner.connect();
  try {
    await owner.query("SELECT set_config('app.system_scope', 'platform', false)");
    await owner.query(
      `INSERT INTO saved_views (saved_view_id, organization_id, workspace_id, tenant_id, owner_id, name, page, state, visibility)
       SELECT gen_random_uuid(), organization_id, workspace_id, tenant_id, owner_id, name || n, page, state, visibility
       FROM saved_views, generate_series(1, 497) AS n WHERE saved_view_id = $1`,
      [first.body.id],
    );
  } finally {
    await owner.end();
  }
  const made = await Promise.all(Array.from({ length: 5 }, () => save(person.auth)));
  expect(made.map(({ status }) => status).toSorted()).toEqual([201, 201, 422, 422, 422]);
  expect(made.find(({ status }) => status === 422)?.body.detail).toContain('500 saved views');
  expect((await save(ADMIN)).status).toBe(201);
});
