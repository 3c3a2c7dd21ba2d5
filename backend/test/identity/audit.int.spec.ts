import type { AuditEntry } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProjectActs } from '../../src/modules/800-audit/application/project-acts.js';
import { recordAct, systemScope } from '../../src/shared/platform/database/index.js';
import { PlatformEvent } from '../../src/shared/messaging/index.js';
import { newId } from '../../src/shared/platform/index.js';
import { eventually } from '../support/platform.js';
import { AuditedServer } from './audit-app.js';
import type { Answer } from './identity-app.js';

const DAY_MS = 86_400_000;
let audited: AuditedServer;
let home: string;

beforeAll(async () => {
  audited = await AuditedServer.start();
  home = audited.server.seeded.places.default.organizationId;
});
afterAll(() => audited?.stop());

async function call(who: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return audited.server.request(method, `/api/v2${path}`, { headers: await audited.server.as(who), body });
}
const admin = (method: string, path: string, body?: unknown) => call('admin.telemetryflow', method, path, body);
const supervisor = (method: string, path: string, body?: unknown) => call('super.administrator', method, path, body);

async function entries(organizationId: string, query = ''): Promise<AuditEntry[]> {
  const { status, body } = await supervisor('GET', `/audit?limit=100&organizationId=${organizationId}${query}`);
  expect(status).toBe(200);
  return body.data;
}

describe('B24: the trail', () => {
  it('has one row for each login that succeeded or failed, with who, from where and how it ended', async () => {
    const email = 'viewer.telemetryflow@telemetryflow.id';
    const failed = await audited.server.request('POST', '/api/v2/auth/login', {
      body: { email, password: 'not-the-password' },
      headers: { 'user-agent': 'a test; "quoted"' },
    });
    expect(failed.status).toBe(401);
    const entry = await audited.entry('admin.telemetryflow', 'action=auth.login_failed');
    expect(entry).toMatchObject({
      category: 'auth',
      result: 'failure',
      actor: { type: 'anonymous', id: null, name: '' },
      resource: { type: 'user', name: email },
      organizationId: home,
      ip: '127.0.0.1',
      userAgent: 'a test; "quoted"',
    });
    expect(entry.requestId).not.toBe('');
    await audited.server.as('viewer.telemetryflow');
    const login = await audited.entry('admin.telemetryflow', 'action=auth.login&actor=viewer.');
    expect(login).toMatchObject({ result: 'success', actor: { type: 'user', name: email }, resource: { name: email } });
    expect(login.sessionId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await admin('GET', `/audit/${login.id}`)).body).toEqual(login);
    expect((await admin('GET', '/audit?action=auth.login_failed')).body.meta.total).toBe(1);
  });

  it('B25: holds no secret, whoever tried to put one in', async () => {
    const organizationId = newId();
    const secret = `tfs-${'5'.repeat(64)}`;
    await audited.act(organizationId, {
      before: { password: 'hunter2', passwordHash: '$argon2id$v=19$m=65536$abc', passwordChangedAt: 'monday' },
      after: { nested: [{ keySecret: secret, refresh_token: 'r', token_hash: 'h' }] },
      details: { note: `use ${secret} now`, recoveryToken: 'x' },
    });
    await audited.stored(organizationId, 1);
    const [row] = await audited.rows(`organization_id = '${organizationId}'`);
    const text = JSON.stringify(row);
    for (const leak of ['hunter2', '$argon2id', '5555', '"r"', '"h"', '"x"']) expect(text).not.toContain(leak);
    expect((await entries(organizationId))[0]).toMatchObject({
      before: { password: '[redacted]', passwordHash: '[redacted]', passwordChangedAt: 'monday' },
      details: { note: 'use [redacted] now' },
    });
    expect(await audited.rows(`match(concat(before, after, details), 'argon2id|tfs-[0-9a-f]|eyJ')`)).toEqual([]);
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'POST'])('can’t be changed: %s is 404 or 405', async (method) => {
    const [entry] = (await admin('GET', '/audit?limit=1')).body.data;
    for (const path of ['/audit', `/audit/${entry.id}`, '/audit/statistics', '/audit/verify']) {
      expect([404, 405], path).toContain((await supervisor(method, path, {})).status);
    }
  });

  it('joins filters by AND', async () => {
    const organizationId = newId();
    await audited.act(organizationId, { action: 'test.one', result: 'denied' }, { ip: '192.0.2.7', requestId: 'r-7' });
    await audited.act(organizationId, { action: 'test.one' }, { ip: '192.0.2.8', requestId: 'r-8' });
    await audited.act(organizationId, { action: 'auth.two', result: 'denied' }, { ip: '192.0.2.7', requestId: 'r-9' });
    await audited.stored(organizationId, 3);
    const found = async (query: string) => (await entries(organizationId, query)).map(({ requestId }) => requestId);
    expect(await found('')).toEqual(['r-9', 'r-8', 'r-7']);
    expect(await found('&action=test.one')).toEqual(['r-8', 'r-7']);
    expect(await found('&action=test.one&ip=192.0.2.7')).toEqual(['r-7']);
    expect(await found('&result=denied&category=auth')).toEqual(['r-9']);
    expect(await found('&requestId=r-8&result=denied')).toEqual([]);
    expect(await found('&search=TWO')).toEqual(['r-9']);
    expect(await found('&search=a%20thing&resourceType=thing')).toHaveLength(3);
    expect(await found(`&search=${encodeURIComponent(`%'; DROP`)}`)).toEqual([]);
    const [first] = await entries(organizationId, '&requestId=r-7');
    expect(await found(`&resourceId=${first!.resource.id}`)).toEqual(['r-7']);
    expect(await found(`&to=${first!.at}`)).toEqual(['r-7']);
    expect(await found(`&from=${encodeURIComponent('9999-12-31T00:00:00Z')}`)).toEqual([]);
    expect(await found('&from=0001-01-01T00:00:00Z')).toHaveLength(3);
  });

  it('pages, and refuses more than a hundred at a time', async () => {
    const organizationId = await audited.trail(5);
    const page = async (n: number) => {
      const { body } = await supervisor('GET', `/audit?organizationId=${organizationId}&limit=2&page=${n}`);
      expect(body.meta).toEqual({ page: n, limit: 2, total: 5, totalPages: 3 });
      return body.data.map(({ sequence }: AuditEntry) => sequence);
    };
    expect([await page(1), await page(2), await page(3)]).toEqual([[5, 4], [3, 2], [1]]);
    const refused = await admin('GET', '/audit?limit=101&page=0&result=odd&from=yesterday');
    expect(refused.status).toBe(400);
    expect(refused.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual([
      'from',
      'limit',
      'page',
      'result',
    ]);
  });

  it('counts by kind, result, action, actor and time', async () => {
    const organizationId = newId();
    await audited.act(organizationId, { action: 'auth.a' });
    await audited.act(organizationId, { action: 'auth.a', result: 'failure' });
    await audited.act(organizationId, { action: 'role.b', result: 'denied' });
    await audited.stored(organizationId, 3);
    const from = new Date(Date.now() - DAY_MS).toISOString();
    const { body } = await supervisor('GET', `/audit/statistics?organizationId=${organizationId}&from=${from}`);
    expect(body).toMatchObject({
      total: 3,
      byCategory: [
        { name: 'auth', count: 2 },
        { name: 'authz', count: 1 },
      ],
      topActions: [
        { name: 'auth.a', count: 2 },
        { name: 'role.b', count: 1 },
      ],
      topActors: [{ name: 'anonymous', count: 3 }],
    });
    const sum = (name: 'success' | 'failure' | 'denied') =>
      body.series.reduce((total: number, point: Record<string, number>) => total + point[name]!, 0);
    expect([sum('success'), sum('failure'), sum('denied')]).toEqual([1, 1, 1]);
    expect(body.series.length).toBeGreaterThanOrEqual(24);
    const month = await supervisor('GET', `/audit/statistics?organizationId=${organizationId}`);
    expect(month.body.series).toHaveLength(31);
  });
});

describe('B12: another organization’s trail', () => {
  it('shows in no list, count, statistics, export or entry, and is verified by nobody but its own', async () => {
    const { demo } = audited.server.seeded.places;
    await audited.act(demo.organizationId, { action: 'test.foreign' });
    const foreign = await audited.entry('super.administrator', 'action=test.foreign');
    expect((await admin('GET', '/audit?action=test.foreign')).body).toMatchObject({ data: [], meta: { total: 0 } });
    expect((await admin('GET', `/audit/${foreign.id}`)).status).toBe(404);
    for (const path of ['/audit', '/audit/statistics', '/audit/verify', '/audit/export']) {
      expect((await admin('GET', `${path}?organizationId=${demo.organizationId}`)).status, path).toBe(404);
      expect((await admin('GET', `${path}?organizationId=${home}`)).status, path).toBe(200);
      expect((await admin('GET', `${path}?organizationId=all`)).status, path).toBe(400);
    }
    const exported = await admin('GET', '/audit/export?format=json');
    expect(new Set(exported.body.map(({ organizationId }: AuditEntry) => organizationId))).toEqual(new Set([home]));
    const { body } = await admin('GET', '/audit/statistics');
    expect(body.topActions.map(({ name }: { name: string }) => name)).not.toContain('test.foreign');
    expect((await call('demo.telemetryflow', 'GET', '/audit')).status).toBe(403);
    expect((await admin('GET', '/audit/nonsense')).status).toBe(400);
    expect((await admin('GET', `/audit/${newId()}`)).status).toBe(404);
  });

  it('is closed to direct sessions of another scope', async () => {
    for (const table of ['audit_chains', 'audit_chain', 'audit_pending', 'audit_erasures']) {
      const rows = await audited.inOrganization(newId(), `SELECT * FROM ${table}`);
      expect(rows, table).toEqual([]);
    }
    expect((await audited.inOrganization(home, 'SELECT * FROM audit_chain LIMIT 1')).length).toBe(1);
    await expect(
      audited.inOrganization(home, `INSERT INTO audit_chains (chain_id) VALUES ('${newId()}') RETURNING 1`),
    ).rejects.toThrow(/row-level security/);
    expect(await audited.inOrganization(home, `UPDATE audit_chains SET head_sequence = 0 RETURNING 1`)).toEqual([
      [],
      0,
    ]);
  });
});

describe('exporting', () => {
  it('gives CSV whose cells are texts, whatever they begin with, and is itself in the trail', async () => {
    const organizationId = newId();
    const hostile = [
      '=cmd|" /C calc"!A0',
      '+1',
      '-1',
      '@SUM(1)',
      '\tx',
      '\rx',
      'plain "quoted", text',
      '＝1',
      '‮x',
      'é😀',
    ];
    for (const name of hostile) {
      await audited.act(organizationId, { resource: { type: 'thing', id: null, name } }, { userAgent: name });
    }
    await audited.stored(organizationId, hostile.length);
    const path = `/api/v2/audit/export?organizationId=${organizationId}&action=test.happened`;
    const response = await fetch(`${audited.server.url}${path}`, {
      headers: await audited.server.as('super.administrator'),
    });
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="audit-\d{4}-\d\d-\d\d\.csv"$/);
    const [header, ...lines] = parseCsv(await response.text());
    const at = header!.indexOf('resource');
    expect(lines.map((line) => line[at]).toReversed()).toEqual(
      hostile.map((name) => (/^[=+\-@\t\r＝]/.test(name) ? `'${name}` : name)),
    );
    for (const line of lines) expect(line).toHaveLength(header!.length);
    expect(lines.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
    const own = await audited.entry('super.administrator', 'action=audit.exported&actor=super.');
    expect(own.details).toEqual({ format: 'csv', filters: { action: 'test.happened' } });
  });

  it('gives JSON of all that the filter finds, across batches', async () => {
    const organizationId = newId();
    const rows = (await audited.rows(`organization_id = '${home}'`))[0]!;
    const values = Array.from({ length: 4_500 }, (_, i) => ({
      ...rows,
      organization_id: organizationId,
      sequence: i + 1,
      event_id: newId(),
      at: 1_700_000_000_000 + Math.floor(i / 3),
    }));
    await audited.store.insert({ table: 'audit_logs', values, format: 'JSONEachRow' });
    const { status, body } = await supervisor('GET', `/audit/export?format=json&organizationId=${organizationId}`);
    expect(status).toBe(200);
    expect(body.map(({ sequence }: AuditEntry) => sequence)).toEqual(
      Array.from({ length: 4_500 }, (_, i) => 4_500 - i),
    );
    expect((await supervisor('GET', `/audit/export?format=json&organizationId=${newId()}`)).body).toEqual([]);
  });

  it('needs the right to export', async () => {
    for (const who of ['developer.telemetryflow', 'viewer.telemetryflow', 'demo.telemetryflow']) {
      expect((await call(who, 'GET', '/audit/export')).status, who).toBe(403);
    }
    expect((await admin('GET', '/audit/export?format=pdf')).status).toBe(400);
  });
});

describe('acts', () => {
  it('of one organization from parallel requests form one chain without gaps', async () => {
    const organizationId = newId();
    const count = 60;
    await Promise.all(Array.from({ length: count }, (_, i) => audited.act(organizationId, { details: { number: i } })));
    await audited.stored(organizationId, count);
    const rows = await audited.rows(`organization_id = '${organizationId}'`);
    expect(rows.map(({ sequence }) => Number(sequence))).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    expect(rows.slice(1).map((row) => row['previous_hash'])).toEqual(rows.slice(0, -1).map((row) => row['hash']));
    expect(await audited.verify(organizationId)).toMatchObject({ intact: true, checked: count });
  });

  it('projected by several nodes at once form one chain, each act once', async () => {
    const organizationId = newId();
    const projector = audited.server.app.get(ProjectActs);
    const events = Array.from(
      { length: 20 },
      () =>
        new PlatformEvent(
          newId(),
          'test.happened',
          {
            actor: null,
            requestId: 'r',
            ip: '',
            userAgent: '',
            resource: { type: 'x', id: null, name: '' },
            result: 'success',
          },
          organizationId,
          new Date(),
        ),
    );
    await Promise.all([...events, ...events].map((event) => projector.project(event)));
    await audited.stored(organizationId, 20);
    for (const event of events) await projector.project(event);
    await audited.stored(organizationId, 20);
    expect(await audited.verify(organizationId)).toMatchObject({ intact: true, checked: 20, lastSequence: 20 });
  });

  it('that are rolled back leave nothing', async () => {
    const organizationId = newId();
    const tried = audited.database.transaction(systemScope('platform'), async (manager) => {
      const by = { requestId: 'rolled-back', ip: '', userAgent: '' };
      await recordAct(manager, by, { action: 'test.undone', resource: { type: 'x', id: null }, organizationId });
      throw new Error('no');
    });
    await expect(tried).rejects.toThrow('no');
    await audited.act(organizationId);
    await audited.stored(organizationId, 1);
    expect((await entries(organizationId))[0]).toMatchObject({ action: 'test.happened', sequence: 1 });
  });

  it('with hostile and huge contents are stored, and verified', async () => {
    const organizationId = newId();
    await audited.act(
      organizationId,
      {
        resource: { type: 'thing', id: null, name: '<script>alert(1)</script>‮😀'.repeat(100) },
        details: { huge: 'x'.repeat(200_000) },
        before: { nul: 'a\u0000b', half: '\ud800' },
        after: { __proto__x: 1, 'a.b': ['é', { '': null }], n: 1e21, html: '<b>' },
      },
      { userAgent: 'u'.repeat(10_000) },
    );
    await audited.stored(organizationId, 1);
    const [entry] = await entries(organizationId);
    expect(entry!.resource.name).toHaveLength(512);
    expect(entry!.userAgent).toHaveLength(1024);
    expect(entry!.details).toMatchObject({ tooLarge: true });
    expect(entry!.before).toEqual({ nul: 'a\ufffdb', half: '\ufffd' });
    expect(entry!.after).toEqual({ __proto__x: 1, 'a.b': ['é', { '': null }], n: 1e21, html: '<b>' });
    expect(await audited.verify(organizationId)).toMatchObject({ intact: true });
  });
});

describe('retention', () => {
  it('is a year by default, and what an organization chooses between 30 days and ten years', async () => {
    expect((await admin('GET', '/audit/retention')).body).toEqual({ retentionDays: 365 });
    for (const retentionDays of [29, 3651, 30.5, 'a']) {
      expect((await admin('PUT', '/audit/retention', { retentionDays })).status).toBe(400);
    }
    expect((await call('developer.telemetryflow', 'PUT', '/audit/retention', { retentionDays: 40 })).status).toBe(403);
    expect((await admin('PUT', '/audit/retention', { retentionDays: 400 })).body).toEqual({ retentionDays: 400 });
    expect((await admin('GET', '/audit/retention')).body).toEqual({ retentionDays: 400 });
    expect(await audited.entry('admin.telemetryflow', 'action=audit.retention_changed')).toMatchObject({
      category: 'system',
      before: { retentionDays: 365 },
      after: { retentionDays: 400 },
    });
  });
});

describe('administering queues', () => {
  it('is in the trail', async () => {
    expect((await supervisor('POST', '/admin/queues/notification/pause')).status).toBe(200);
    expect((await supervisor('POST', '/admin/queues/notification/resume')).status).toBe(200);
    expect((await supervisor('POST', '/admin/queues/cleanup/clean', { state: 'failed' })).body).toEqual({ removed: 0 });
    expect((await supervisor('POST', '/admin/queues/cleanup/retry/unknown')).status).toBe(404);
    const cleaned = await audited.entry('super.administrator', 'action=queue.cleaned');
    expect(cleaned).toMatchObject({
      category: 'system',
      actor: { name: 'super.administrator@telemetryflow.id' },
      resource: { type: 'queue', id: 'cleanup' },
      details: { state: 'failed', removed: 0 },
    });
    const actions = await eventually('three acts', async () => {
      const { body } = await supervisor('GET', '/audit?resourceType=queue');
      return body.data.length === 3 ? body.data.map(({ action }: AuditEntry) => action) : undefined;
    });
    expect(actions).toEqual(['queue.cleaned', 'queue.resumed', 'queue.paused']);
  });
});

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted = '', end = ''] of text.matchAll(/"((?:[^"]|"")*)"(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted.replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  return rows.slice(0, -1);
}
