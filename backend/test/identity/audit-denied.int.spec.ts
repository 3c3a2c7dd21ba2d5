import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NOBODY } from '../../src/modules/800-audit/domain/entry.js';
import { DeniedRequests } from '../../src/modules/200-auth/application/denied-requests.js';
import { AuditedServer } from './audit-app.js';

let audited: AuditedServer;

beforeAll(async () => {
  audited = await AuditedServer.start();
});
afterAll(() => audited?.stop());

const newest = (who: string, query: string) => audited.entry(who, `action=security.access_denied&${query}`);

async function denials(condition: string): Promise<{ n: number }> {
  const [row] = await audited.server.sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM outbox WHERE type = 'security.access_denied' AND ${condition}`,
  );
  return row!;
}

describe('B24: a refused request is in the trail', () => {
  it('with who, from where, which route and which permission', async () => {
    const headers = { ...(await audited.server.as('viewer.telemetryflow')) };
    expect((await audited.server.request('GET', '/probe/deletion?secret=x', { headers })).status).toBe(403);
    const [viewer] = await audited.server.sql<{ user_id: string }>(
      `SELECT user_id FROM users WHERE email LIKE 'viewer.%'`,
    );
    const { organizationId, workspaceId, tenantId } = audited.server.seeded.places.default;
    expect(await newest('admin.telemetryflow', 'search=/probe/deletion')).toMatchObject({
      category: 'authz',
      result: 'denied',
      actor: { type: 'user', id: viewer!.user_id, name: 'viewer.telemetryflow@telemetryflow.id' },
      resource: { type: 'route', name: 'GET /probe/deletion' },
      organizationId,
      workspaceId,
      tenantId,
      ip: '127.0.0.1',
      details: {
        method: 'GET',
        route: '/probe/deletion',
        path: '/probe/deletion',
        reason: 'permission',
        detail: 'This needs the permission dashboards:delete',
      },
    });
  });

  it('when it names a place that the credential does not reach, in the trail of the credential', async () => {
    const { demo, default: home } = audited.server.seeded.places;
    const headers = { ...(await audited.server.as('developer.telemetryflow')), 'x-tenant-id': demo.tenantId };
    expect((await audited.server.request('GET', '/probe/metrics', { headers })).status).toBe(404);
    const entry = await newest('admin.telemetryflow', 'actor=developer');
    expect(entry).toMatchObject({
      organizationId: home.organizationId,
      tenantId: home.tenantId,
      details: { reason: 'place', route: '/probe/metrics' },
    });
  });

  it('when it presents a key that is none', async () => {
    const headers = { 'x-api-key-id': `tfk-${'0'.repeat(32)}`, 'x-api-key-secret': `tfs-${'a'.repeat(64)}` };
    expect((await audited.server.request('GET', '/probe/metrics', { headers })).status).toBe(401);
    const entry = await newest('super.administrator', `organizationId=${NOBODY}`);
    expect(entry).toMatchObject({ actor: { type: 'anonymous', id: null }, details: { reason: 'api-key' } });
    expect(JSON.stringify(entry)).not.toContain('aaaa');
  });
});

describe('a flood of refused requests', () => {
  it('of one actor costs its allowance of rows and one that counts the rest', async () => {
    const headers = await audited.server.as('demo.telemetryflow');
    const before = await denials(`payload->'actor'->>'email' LIKE 'demo.%'`);
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(
        Array.from({ length: 10 }, () => audited.server.request('GET', '/probe/deletion', { headers })),
      );
    }
    await audited.server.app.get(DeniedRequests).flush(Infinity);
    const after = await denials(`payload->'actor'->>'email' LIKE 'demo.%'`);
    expect(after.n - before.n).toBe(61);
    const entry = await audited.entry(
      'super.administrator',
      `action=security.access_denied&actor=demo&organizationId=${audited.server.seeded.places.demo.organizationId}`,
      ({ details }) => 'suppressed' in details,
    );
    expect(entry.details).toEqual({
      method: 'GET',
      route: '/probe/deletion',
      suppressed: 40,
      routes: { 'GET /probe/deletion': 40 },
    });
  });

  it('does not use up what others are recorded with', async () => {
    const headers = await audited.server.as('viewer.telemetryflow');
    const before = await denials(`payload->'actor'->>'email' LIKE 'viewer.%'`);
    await audited.server.request('GET', '/probe/unmarked', { headers });
    expect((await denials(`payload->'actor'->>'email' LIKE 'viewer.%'`)).n).toBe(before.n + 1);
  });
});
