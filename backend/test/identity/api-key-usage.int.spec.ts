import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyUsage } from '../../src/modules/300-api-keys/index.js';
import { Database, systemScope } from '../../src/shared/platform/database/index.js';
import { newId } from '../../src/shared/platform/index.js';
import { eventually } from '../support/platform.js';
import type { IdentityServer } from './identity-app.js';
import { fieldsOf, KeyServer } from './key-server.js';

const DAY_MS = 86_400_000;

let keys: KeyServer;
let server: IdentityServer;
let siblingId: string;
let organizationId: string;
let workspaceId: string;
let tenantId: string;

beforeAll(async () => {
  keys = await KeyServer.start();
  ({ server, siblingId } = keys);
  ({ organizationId, workspaceId, tenantId } = keys.place);
});
afterAll(() => keys?.stop());

describe('listing', () => {
  it('filters by status and search, and counts all the same', async () => {
    const marked = await keys.create({ name: 'Needle 100%', description: 'in_a haystack' });
    const suspended = await keys.create({ name: 'needle two' });
    await keys.call('POST', `/${suspended.id}/suspend`);
    const find = async (query: string) => {
      const { body } = await keys.call('GET', `?limit=100&${query}`);
      expect(body.meta.total).toBe(body.data.length);
      return { ids: body.data.map(({ id }: { id: string }) => id), counts: body.counts };
    };
    const { ids, counts } = await find('search=needle');
    expect(ids).toEqual([suspended.id, marked.id]);
    expect((await find('search=NEEDLE&status=suspended')).ids).toEqual([suspended.id]);
    expect((await find('search=100%25')).ids).toEqual([marked.id]);
    expect((await find('search=in_a')).ids).toEqual([marked.id]);
    expect((await find('search=in%25a')).ids).toEqual([]);
    expect((await find(`search=${marked.keyId}`)).ids).toEqual([marked.id]);
    const all = await find('');
    expect(all.counts).toEqual(counts);
    expect(all.counts.total).toBe(all.ids.length);
    expect((await keys.call('GET', '?status=lost')).status).toBe(400);
  });
});

describe('usage', () => {
  /** Once so many requests are counted: an answer is there a moment before it counts. */
  const counted = (id: string, requests: number) =>
    eventually(`${requests} requests counted`, async () => {
      await server.app.get(KeyUsage).flush();
      const found = await usage(id, '?bucket=hour');
      return found.totals.requests >= requests ? found : undefined;
    });
  const usage = async (id: string, query = '') => (await keys.call('GET', `/${id}/usage${query}`)).body;

  it('B21: moves after calls: count, last use, endpoints and statuses, errors included', async () => {
    const key = await keys.create({ permissions: ['metrics:read'] });
    const headers = { 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret };
    const before = await usage(key.id);
    expect(before.totals).toEqual({ requests: 0, errors: 0, successRate: 1 });
    await keys.works(key);
    for (let i = 0; i < 2; i += 1) await server.request('GET', '/probe/metrics', { headers });
    await server.request('GET', '/probe/deletion', { headers });
    await server.request('GET', '/probe/metrics', { headers: { ...headers, 'x-tenant-id': siblingId } });
    // A wrong secret is nobody's use.
    await server.request('GET', '/probe/metrics', {
      headers: { ...headers, 'x-api-key-secret': `tfs-${'0'.repeat(64)}` },
    });
    const after = await counted(key.id, 5);
    expect(after.totals).toEqual({ requests: 5, errors: 2, successRate: 0.6 });
    expect(after.byEndpoint).toEqual(
      expect.arrayContaining([
        { endpoint: 'GET /probe/metrics', requests: 3, errors: 1 },
        { endpoint: 'GET /probe/deletion', requests: 1, errors: 1 },
        { endpoint: 'GET /api/v2/api-keys/validate', requests: 1, errors: 0 },
      ]),
    );
    expect(after.byStatus).toEqual([
      { status: '200', requests: 3 },
      ...[
        { status: '403', requests: 1 },
        { status: '404', requests: 1 },
      ],
    ]);
    const sum = after.series.reduce((total: number, { requests }: { requests: number }) => total + requests, 0);
    expect(sum).toBe(5);
    expect([25, 26]).toContain(after.series.length);
    const { body: shown } = await keys.call('GET', `/${key.id}`);
    expect(shown).toMatchObject({ usageCount: 5, lastUsedAt: expect.any(String), lastUsedIp: '127.0.0.1' });
  });

  it('has zeros for empty buckets, and what is asked for and no more', async () => {
    const { id } = await keys.create();
    await server.sql(
      `INSERT INTO api_key_usage VALUES
         ($1, date_trunc('hour', now() - interval '3 days', 'UTC'), 'POST /v1/logs', '200', 7, 0),
         ($1, date_trunc('hour', now() - interval '3 days', 'UTC'), 'POST /v1/logs', '429', 3, 3),
         ($1, date_trunc('hour', now(), 'UTC'), 'POST /v1/logs', '200', 1, 0)`,
      [id],
    );
    const daily = await usage(id, '?bucket=day');
    expect(daily.series).toHaveLength(31);
    expect(daily.series.filter(({ requests }: { requests: number }) => requests > 0)).toHaveLength(2);
    expect(daily.totals).toMatchObject({ requests: 11, errors: 3 });
    const to = new Date(Date.now() - DAY_MS).toISOString();
    expect((await usage(id, `?bucket=day&to=${to}`)).totals).toMatchObject({ requests: 10, errors: 3 });
    expect((await usage(id, `?bucket=month`)).totals.requests).toBe(11);
  });

  it('is counted on when it could not be written', async () => {
    const key = await keys.create();
    const uses = server.app.get(KeyUsage);
    uses.answered(key.id, 'POST /v1/logs', 'x'.repeat(31), true, '10.0.0.1');
    uses.answered(key.id, 'POST /v1/logs', '200', false, '10.0.0.2');
    await uses.flush();
    expect((await usage(key.id)).totals.requests).toBe(0);
    await server.sql('ALTER TABLE api_key_usage DROP CONSTRAINT api_key_usage_status_check');
    uses.answered(key.id, 'POST /v1/logs', '200', false, '10.0.0.3');
    await uses.flush();
    expect((await usage(key.id)).totals).toMatchObject({ requests: 3, errors: 1 });
    expect((await keys.call('GET', `/${key.id}`)).body).toMatchObject({ usageCount: 3, lastUsedIp: '10.0.0.3' });
  });

  it.each([
    ['?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', ['from']],
    ['?bucket=hour&from=2025-01-01T00:00:00Z', ['from']],
    ['?bucket=century&from=yesterday&to=tomorrow', ['bucket', 'from', 'to']],
  ])('refuses %s', async (query, fields) => {
    const { id } = await keys.create();
    const answer = await keys.call('GET', `/${id}/usage${query}`);
    expect([answer.status, fieldsOf(answer)]).toEqual([400, fields]);
  });

  it('of foreign, unknown and malformed keys is not there', async () => {
    const sibling = await keys.create({ scope: { type: 'tenant', tenantId: siblingId } });
    for (const [id, status] of [
      [sibling.id, 404],
      [newId(), 404],
      ['nonsense', 400],
    ]) {
      for (const [method, path] of [
        ['GET', '/usage'],
        ['PATCH', ''],
        ['POST', '/rotate'],
        ['POST', '/suspend'],
        ['POST', '/reactivate'],
        ['POST', '/revoke'],
      ] as const) {
        const answer = await keys.call(method, `/${id}${path}`, method === 'GET' ? undefined : {});
        expect(answer.status, `${method} ${id}${path}`).toBe(status);
      }
    }
  });
});

describe('row-level security', () => {
  it('shows uses as far as their key, and partitions by their own name to nobody', async () => {
    const { id } = await keys.create();
    await server.sql(
      `INSERT INTO api_key_usage VALUES ($1, date_trunc('hour', now(), 'UTC'), 'POST /v1/logs', '200', 1, 0)`,
      [id],
    );
    const database = server.app.get(Database);
    const place = { organizationId, workspaceId, tenantId };
    const rest = {
      requestId: 'r',
      actor: { type: 'system', id: newId() },
      roles: [],
      permissions: new Set<string>(),
      isPlatformAdministrator: true,
      ip: '',
      userAgent: '',
    } as const;
    const seen = (where: object, table = 'api_key_usage') =>
      database.transaction({ ...rest, ...place, ...where }, async (manager) => {
        const rows = await manager.query<unknown[]>(`SELECT 1 FROM ${table} WHERE api_key_id = $1`, [id]);
        return rows.length;
      });
    expect(await seen({})).toBe(1);
    expect(await seen({ tenantId: siblingId })).toBe(0);
    expect(await seen({ ...server.seeded.places.demo })).toBe(0);
    const month = new Date().toISOString().slice(0, 7).replace('-', '');
    // Granted when the server starts next; until then it is not even allowed to ask.
    await server.sql(`GRANT SELECT ON api_key_usage_${month} TO PUBLIC`);
    expect(await seen({}, `api_key_usage_${month}`)).toBe(0);
    const write = (statement: string) =>
      database.transaction({ ...rest, ...place }, (manager) => manager.query(statement, [id]));
    await expect(
      write(`INSERT INTO api_key_usage VALUES ($1, date_trunc('hour', now(), 'UTC'), 'x', '200', 1, 0)`),
    ).rejects.toThrow('row-level security');
    await write('DELETE FROM api_key_usage WHERE api_key_id = $1');
    expect(await seen({})).toBe(1);
  });

  it('of keys hides those of a sibling tenant from a direct session', async () => {
    const { id } = await keys.create({ scope: { type: 'tenant', tenantId: siblingId } });
    const rows = await server.app
      .get(Database)
      .transaction(systemScope('authentication'), (manager) =>
        manager.query<unknown[]>('SELECT 1 FROM api_keys WHERE api_key_id = $1', [id]),
      );
    expect(rows).toEqual([]);
  });
});

describe('partitions of usage', () => {
  it('are made ahead, and dropped when their month ended more than 90 days ago', async () => {
    const names = async () =>
      (
        await server.sql<{ relname: string }>(
          `SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'api_key_usage'::regclass ORDER BY 1`,
        )
      ).map(({ relname }) => relname);
    const expected = await names();
    expect(expected).toHaveLength(4);
    await server.sql(
      `CREATE TABLE api_key_usage_202001 PARTITION OF api_key_usage FOR VALUES FROM ('2020-01-01Z') TO ('2020-02-01Z')`,
    );
    await server.sql(`DROP TABLE ${expected.at(-1)}`);
    const database = server.app.get(Database);
    await Promise.all(
      [1, 2].map(() =>
        database.transaction(systemScope('api-keys'), (manager) => manager.query('SELECT api_key_usage_maintain()')),
      ),
    );
    expect(await names()).toEqual(expected);
  });
});
