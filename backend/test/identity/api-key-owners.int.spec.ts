import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DefaultKeyIssuer, PlaceChanges } from '../../src/modules/100-core/index.js';
import { LeaversKeys } from '../../src/modules/300-api-keys/application/leavers-keys.js';
import { PlatformEvent } from '../../src/shared/messaging/index.js';
import { Database, systemScope } from '../../src/shared/platform/database/index.js';
import { newId } from '../../src/shared/platform/index.js';
import type { IdentityServer } from './identity-app.js';
import { KeyServer } from './key-server.js';

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

describe('the default key of a new place', () => {
  const origin = { requestId: 'r', ip: '', userAgent: '' };
  const place = () => ({ organizationId, workspaceId, tenantId });

  it('works once its transaction has committed, and is nothing when it has not', async () => {
    const issuer = server.app.get(DefaultKeyIssuer);
    const database = server.app.get(Database);
    const prepared = await issuer.prepare({ name: 'first key', permissions: ['logs:write'] });
    const undone = database.transaction(systemScope('platform'), async (manager) => {
      await prepared.store(manager, origin, place(), null);
      throw new Error('the administrator could not be made');
    });
    await expect(undone).rejects.toThrow('could not be made');
    expect((await keys.call('GET', '?search=first%20key')).body.data).toEqual([]);

    const again = await issuer.prepare({ name: 'first key', permissions: ['logs:write'] });
    const key = await database.transaction(systemScope('platform'), (manager) =>
      again.store(manager, origin, place(), null),
    );
    expect(await keys.works(key)).toBe(true);
    expect(key.otelKeyId).toBe(key.keyId.replace('-', '_'));
    expect((await keys.call('GET', `/${key.id}`)).body).toMatchObject({ isSystem: false, permissions: ['logs:write'] });
    expect((await keys.actsOf(key.id)).map(({ type }) => type)).toEqual(['api_key.created']);
    expect((await keys.call('DELETE', `/${key.id}`)).status).toBe(204);
  });
});

describe('the quota of a workspace', () => {
  it('is never exceeded, whoever comes at the same time, and rotation needs no room', async () => {
    const [{ n }] = (await server.sql<{ n: number }>(
      `SELECT count(*)::int AS n FROM api_keys WHERE workspace_id = $1 AND status IN ('active', 'suspended') AND NOT is_system`,
      [workspaceId],
    )) as [{ n: number }];
    const set = async (quotas: object) => {
      await server.sql('UPDATE workspaces SET quotas = $2 WHERE workspace_id = $1', [
        workspaceId,
        JSON.stringify(quotas),
      ]);
      server.app.get(PlaceChanges).announce();
    };
    await set({ maxApiKeys: n + 1 });
    try {
      const answers = await Promise.all(
        [tenantId, siblingId, tenantId].map((id) =>
          keys.call('POST', '', {
            name: keys.newName(),
            permissions: ['logs:write'],
            scope: { type: 'tenant', tenantId: id },
          }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
      const last = answers.find(({ status }) => status === 201)!.body;
      const there = { ...keys.admin, 'x-tenant-id': last.scope.tenantId };
      expect((await keys.call('POST', `/${last.id}/rotate`, {}, there)).status).toBe(201);
    } finally {
      await set({});
    }
    await keys.create();
  });
});

describe('whoever leaves', () => {
  it.each(['user.deactivated', 'user.deleted'])('leaves no usable key behind: %s', async (type) => {
    const developer = await server.as('developer.telemetryflow');
    const [mine, rotated, others] = [
      await keys.create({}, developer),
      await keys.create({}, developer),
      await keys.create(),
    ];
    const successor = (await keys.call('POST', `/${rotated.id}/rotate`)).body;
    expect(await keys.works(rotated)).toBe(true);
    const event = new PlatformEvent(newId(), type, { aggregateId: mine.createdBy }, organizationId, new Date());
    const leavers = server.app.get(LeaversKeys);
    await Promise.all([leavers.suspend(event), leavers.suspend(event)]);
    expect(await Promise.all([mine, rotated, successor, others].map((key) => keys.works(key)))).toEqual([
      false,
      false,
      true,
      true,
    ]);
    expect((await keys.call('GET', `/${mine.id}`)).body.status).toBe('suspended');
    expect((await keys.actsOf(mine.id)).map((act) => act.type)).toEqual(['api_key.created', 'api_key.suspended']);
    expect((await keys.call('POST', `/${mine.id}/reactivate`)).status).toBe(200);
    expect(await keys.works(mine)).toBe(true);
    const elsewhere = new PlatformEvent(newId(), type, event.payload, newId(), new Date());
    await leavers.suspend(elsewhere);
    expect(await keys.works(mine)).toBe(true);
  });
});
