import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PurgeDeleted } from '../../src/modules/100-core/application/hierarchy/commands/purge-deleted.js';
import { QueueService } from '../../src/shared/queue/index.js';
import { eventually } from '../support/platform.js';
import { ADMIN, HierarchyCalls, SUPER, unique } from './hierarchy-calls.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

let postgres: TestPostgres;
let server: IdentityServer;
let on: HierarchyCalls;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  on = new HierarchyCalls(server);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

const remove = (path: string) => on.call(SUPER, 'DELETE', path);
const restore = (path: string) => on.call(SUPER, 'POST', `${path}/restore`);
const exists = async (level: string, id: string) =>
  (await server.sql(`SELECT 1 FROM ${level}s WHERE ${level}_id = $1`, [id])).length === 1;
const purge = (now?: Date) => server.app.get(PurgeDeleted).execute('test', now);

describe('deleting', () => {
  it('B15: is refused while children are active; what is deleted vanishes from lists and reads', async () => {
    const ids = await on.tree();
    const path = [
      ['/tenants', ids.tenantId],
      ['/workspaces', ids.workspaceId],
      ['/organizations', ids.organizationId],
      ['/regions', ids.regionId],
    ] as const;
    for (const [parent, id] of path.slice(1)) {
      const refused = await remove(`${parent}/${id}`);
      expect([refused.status, refused.body.code], parent).toEqual([409, 'CONFLICT']);
      expect(refused.body.detail).toContain('1 active');
    }
    for (const [list, id] of path) {
      const { body } = await on.call(SUPER, 'GET', `${list}/${id}`);
      expect((await remove(`${list}/${id}`)).status, list).toBe(204);
      expect((await on.call(SUPER, 'GET', `${list}/${id}`)).status).toBe(404);
      expect((await on.call(SUPER, 'PATCH', `${list}/${id}`, { name: 'Another' })).status).toBe(404);
      expect((await on.call(SUPER, 'PATCH', `${list}/${id}/activate`)).status).toBe(404);
      expect((await remove(`${list}/${id}`)).status).toBe(404);
      expect((await on.call(SUPER, 'GET', `${list}?search=${body.code}`)).body.meta.total).toBe(0);
      const deleted = await on.call(SUPER, 'GET', `${list}?search=${body.code}&deleted=true`);
      expect(deleted.body.data).toMatchObject([{ id, deletedAt: expect.stringMatching(/^\d{4}-/) }]);
      const acts = await on.acts(id);
      expect(acts.at(-1)).toMatchObject({ payload: { before: { code: body.code } } });
    }
  });

  it('goes on when the children are only deactivated, and takes them out of sight', async () => {
    const ids = await on.tree();
    await on.call(SUPER, 'PATCH', `/workspaces/${ids.workspaceId}/deactivate`);
    expect((await remove(`/organizations/${ids.organizationId}`)).status).toBe(204);
    for (const hidden of [`/workspaces/${ids.workspaceId}`, `/tenants/${ids.tenantId}`]) {
      expect((await on.call(SUPER, 'GET', hidden)).status, hidden).toBe(404);
      expect((await on.call(SUPER, 'PATCH', `${hidden}/activate`)).status, hidden).toBe(404);
    }
    expect((await on.call(SUPER, 'GET', `/tenants?workspaceId=${ids.workspaceId}`)).body.meta.total).toBe(0);
    const child = { code: unique('tn'), name: 'x', workspaceId: ids.workspaceId };
    expect((await on.call(SUPER, 'POST', '/tenants', child)).status).toBe(404);
  });

  it('closes logins and sessions, and a restore opens logins again', async () => {
    const ids = await on.tree();
    const { email } = await on.person(ids, 'viewer');
    const headers = await on.signedIn(email);
    const probe = async () => (await server.request('GET', '/probe/metrics', { headers })).status;
    expect(await probe()).toBe(200);
    await remove(`/tenants/${ids.tenantId}`);
    expect([await probe(), (await on.login(email)).status]).toEqual([401, 401]);
    expect((await restore(`/tenants/${ids.tenantId}`)).status).toBe(200);
    expect([await probe(), (await on.login(email)).status]).toEqual([401, 200]);
  });

  it('keeps the code taken until the purge', async () => {
    const ids = await on.tree();
    const { body } = await on.call(SUPER, 'GET', `/tenants/${ids.tenantId}`);
    await remove(`/tenants/${ids.tenantId}`);
    const again = { code: body.code, name: 'Again', workspaceId: ids.workspaceId };
    expect((await on.call(SUPER, 'POST', '/tenants', again)).status).toBe(409);
    await on.backdate('tenant', ids.tenantId, 91);
    await purge();
    expect((await on.call(SUPER, 'POST', '/tenants', again)).status).toBe(201);
  });

  it('is done by exactly one of several, and never beside a new child', async () => {
    const ids = await on.tree();
    expect(await on.race(SUPER, 'DELETE', `/tenants/${ids.tenantId}`)).toEqual([204, 404, 404, 404, 404]);
    for (let round = 0; round < 5; round += 1) {
      const workspace = await on.created('/workspaces', { code: unique('ws'), organizationId: ids.organizationId });
      const draft = { code: unique('tn'), name: 'x', workspaceId: workspace.id };
      const [child, parent] = await Promise.all([
        on.call(SUPER, 'POST', '/tenants', draft),
        remove(`/workspaces/${workspace.id}`),
      ]);
      expect([
        [201, 409],
        [404, 204],
      ]).toContainEqual([child.status, parent.status]);
    }
  });
});

describe('restoring', () => {
  it('brings back what was deleted as it was, once', async () => {
    const ids = await on.tree();
    await on.call(SUPER, 'PATCH', `/tenants/${ids.tenantId}/deactivate`);
    await remove(`/tenants/${ids.tenantId}`);
    expect(await on.race(SUPER, 'POST', `/tenants/${ids.tenantId}/restore`)).toEqual([200, 409, 409, 409, 409]);
    const { body } = await on.call(SUPER, 'GET', `/tenants/${ids.tenantId}`);
    expect(body).toMatchObject({ isActive: false, deletedAt: null });
    const acts = (await on.acts(ids.tenantId)).map(({ type }) => type);
    expect(acts).toEqual(['tenant.created', 'tenant.deactivated', 'tenant.deleted', 'tenant.restored']);
  });

  it('is refused while the parent is deleted, and after 90 days', async () => {
    const ids = await on.tree();
    await remove(`/tenants/${ids.tenantId}`);
    await remove(`/workspaces/${ids.workspaceId}`);
    expect((await restore(`/tenants/${ids.tenantId}`)).status).toBe(409);
    expect((await restore(`/workspaces/${ids.workspaceId}`)).status).toBe(200);
    expect((await restore(`/tenants/${ids.tenantId}`)).status).toBe(200);
    await remove(`/tenants/${ids.tenantId}`);
    await on.backdate('tenant', ids.tenantId, 91);
    expect((await restore(`/tenants/${ids.tenantId}`)).status).toBe(404);
    expect((await on.call(SUPER, 'GET', `/tenants?deleted=true&workspaceId=${ids.workspaceId}`)).body.data).toEqual([]);
  });

  it('is nobody’s of another organization', async () => {
    const ids = await on.tree();
    await remove(`/tenants/${ids.tenantId}`);
    expect((await on.call(ADMIN, 'POST', `/tenants/${ids.tenantId}/restore`)).status).toBe(404);
    expect((await on.call(ADMIN, 'GET', '/tenants?deleted=true')).body.data).toEqual([]);
  });
});

describe('the purge', () => {
  it('takes what is older than 90 days with all that hangs on it, and leaves the rest', async () => {
    await purge();
    const [gone, kept] = [await on.tree(), await on.tree()];
    const { userId, email } = await on.person(gone, 'administrator');
    await on.signedIn(email);
    const outsider = await on.person(kept, 'viewer');
    await on.assign(outsider.userId, kept.organizationId, 'viewer', { type: 'organization', id: gone.organizationId });
    await server.sql(
      `INSERT INTO tenant_usage (tenant_id, day, bytes, spans, data_points, log_records) VALUES ($1, now(), 1, 1, 1, 1)`,
      [gone.tenantId],
    );
    for (const ids of [gone, kept]) {
      await on.call(SUPER, 'PATCH', `/workspaces/${ids.workspaceId}/deactivate`);
      await remove(`/organizations/${ids.organizationId}`);
      await remove(`/regions/${ids.regionId}`);
    }
    for (const [level, days, ids] of [
      ['organization', 91, gone],
      ['region', 91, gone],
      ['organization', 89, kept],
      ['region', 91, kept],
    ] as const) {
      await on.backdate(level, level === 'region' ? ids.regionId : ids.organizationId, days);
    }
    expect(await purge()).toBe(2);
    for (const [level, id] of [
      ['tenant', gone.tenantId],
      ['workspace', gone.workspaceId],
      ['organization', gone.organizationId],
      ['region', gone.regionId],
      ['user', userId],
    ] as const) {
      expect(await exists(level, id), level).toBe(false);
    }
    for (const table of ['role_assignments', 'sessions', 'api_keys', 'tenant_usage']) {
      const rows = await server.sql(`SELECT 1 FROM ${table} x WHERE x::text ~ $1`, [Object.values(gone).join('|')]);
      expect(rows, table).toEqual([]);
    }
    // A region waits for its last organization.
    expect([await exists('tenant', kept.tenantId), await exists('region', kept.regionId)]).toEqual([true, true]);
    const [told] = (await on.acts(gone.tenantId)).slice(-1);
    expect(told).toMatchObject({ type: 'tenant.purged', organization_id: gone.organizationId });
    expect(told!.payload).toMatchObject({
      tenantId: gone.tenantId,
      workspaceId: gone.workspaceId,
      actor: { type: 'system' },
    });
    expect((await on.acts(gone.organizationId)).at(-1)?.type).toBe('organization.purged');
    // Again, and side by side: nothing is left to do, and nothing is told twice.
    expect(await Promise.all([purge(), purge()])).toEqual([0, 0]);
    expect((await on.acts(gone.tenantId)).filter(({ type }) => type === 'tenant.purged')).toHaveLength(1);
  });

  it('is done once when several nodes do it at the same time', async () => {
    const ids = await on.tree();
    await remove(`/tenants/${ids.tenantId}`);
    await on.backdate('tenant', ids.tenantId, 91);
    const counts = await Promise.all([purge(), purge(), purge()]);
    expect(counts.toSorted()).toEqual([0, 0, 1]);
  });

  it('finds the users of a tenant another home in their organization, or waits until there is one', async () => {
    const ids = await on.tree();
    const { userId, email } = await on.person(ids, 'administrator');
    await remove(`/tenants/${ids.tenantId}`);
    await on.backdate('tenant', ids.tenantId, 91);
    expect(await purge()).toBe(0);
    expect(await exists('tenant', ids.tenantId)).toBe(true);
    const other = await on.created('/workspaces', { code: unique('ws'), organizationId: ids.organizationId });
    const far = await on.created('/tenants', { code: unique('tn'), workspaceId: other.id });
    const near = await on.created('/tenants', { code: unique('tn'), workspaceId: ids.workspaceId });
    expect(await purge()).toBe(1);
    const [user] = await server.sql('SELECT tenant_id, workspace_id FROM users WHERE user_id = $1', [userId]);
    expect(user).toEqual({ tenant_id: near.id, workspace_id: ids.workspaceId });
    expect(near.id).not.toBe(far.id);
    expect((await on.login(email)).status).toBe(200);
  });

  it('is a job of the clock', async () => {
    const ids = await on.tree();
    await remove(`/tenants/${ids.tenantId}`);
    await on.backdate('tenant', ids.tenantId, 91);
    const scheduled = await server.app.get(QueueService).queue('cleanup').getJobs(['delayed']);
    expect(scheduled.map((job) => job?.name)).toContain('purge-hierarchy');
    await server.app.get(QueueService).add('cleanup', 'purge-hierarchy', {});
    await eventually('the purge', async () => ((await exists('tenant', ids.tenantId)) ? undefined : true));
  });
});
