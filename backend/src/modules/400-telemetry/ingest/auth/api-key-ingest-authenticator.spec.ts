import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ApiKeyIngestAuthenticator, type ForeignScope, type VerifiedApiKey } from './api-key-ingest-authenticator.js';
import type { IngestHeaders } from './ingest-authenticator.js';
import { singleValuedHeaders } from './single-valued-headers.js';

const ids = { apiKeyId: randomUUID(), organizationId: randomUUID(), workspaceId: randomUUID(), tenantId: randomUUID() };
const key: VerifiedApiKey = { ...ids, keyId: 'tfk-1', scope: 'tenant', permissions: new Set(['logs:write']) };
const sibling = randomUUID();
const KEY = { 'x-api-key-id': 'tfk-1', 'x-api-key-secret': 'tfs-1' };

function authenticator(scope: 'tenant' | 'workspace' = 'tenant', anonymous = false) {
  return new ApiKeyIngestAuthenticator({
    keys: { authenticate: async (headers) => (headers['x-api-key-id'] === 'tfk-1' ? { ...key, scope } : null) },
    tenants: {
      tenant: async (id) => (id === sibling ? { workspaceId: ids.workspaceId } : { workspaceId: randomUUID() }),
    },
    ...(anonymous ? { anonymous: async () => ({ ...ids, apiKeyId: null, permissions: key.permissions }) } : {}),
  });
}

const tenantFor = async (headers: IngestHeaders, scope?: 'tenant' | 'workspace') =>
  (await authenticator(scope).authenticate(headers, '10.0.0.1')).tenantId;

describe('API keys at ingest', () => {
  it('fix the tenant', async () => {
    expect(await tenantFor(KEY)).toBe(ids.tenantId);
  });

  it.each([{}, { ...KEY, 'x-api-key-id': 'tfk-2' }, { authorization: 'Bearer eyJ' }])(
    'are required: %j',
    async (headers) => {
      await expect(tenantFor(headers)).rejects.toMatchObject({ status: 401 });
    },
  );

  it('may be confirmed by scope headers, in any case, but not widened', async () => {
    const { tenantId, workspaceId } = ids;
    expect(await tenantFor({ ...KEY, 'x-tenant-id': tenantId.toUpperCase(), 'x-workspace-id': workspaceId })).toBe(
      tenantId,
    );
    for (const name of ['x-tenant-id', 'x-workspace-id', 'x-organization-id']) {
      await expect(tenantFor({ ...KEY, [name]: randomUUID() })).rejects.toMatchObject({ status: 403 });
    }
    await expect(tenantFor({ ...KEY, 'x-tenant-id': sibling })).rejects.toMatchObject({ status: 403 });
  });

  it('tell of whoever names a scope that is not theirs, and of nobody else', async () => {
    const told: ForeignScope[] = [];
    const telling = new ApiKeyIngestAuthenticator({
      keys: { authenticate: async (headers) => (headers['x-api-key-id'] === 'tfk-1' ? key : null) },
      onForeignScope: (refused) => told.push(refused),
    });
    await telling.authenticate(KEY, '10.0.0.1');
    await expect(telling.authenticate({ 'x-api-key-id': 'tfk-2' }, '10.0.0.1')).rejects.toMatchObject({ status: 401 });
    expect(told).toEqual([]);
    const foreign = { ...KEY, 'x-tenant-id': randomUUID() };
    await expect(telling.authenticate(foreign, '10.0.0.1')).rejects.toMatchObject({ status: 403 });
    expect(told).toMatchObject([{ sender: ids, keyId: 'tfk-1', remoteAddress: '10.0.0.1' }]);
    expect(told[0]?.detail).toContain('x-tenant-id');
  });

  it('of a workspace may name one of its tenants', async () => {
    expect(await tenantFor({ ...KEY, 'x-tenant-id': sibling }, 'workspace')).toBe(sibling);
    await expect(tenantFor({ ...KEY, 'x-tenant-id': randomUUID() }, 'workspace')).rejects.toMatchObject({
      status: 403,
    });
    await expect(tenantFor({ ...KEY, 'x-tenant-id': "1' OR 1" }, 'workspace')).rejects.toMatchObject({ status: 403 });
  });
});

describe('anonymous ingest', () => {
  const send = (headers: IngestHeaders, address: string, allowed = true) =>
    authenticator('tenant', allowed).authenticate(headers, address);

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('takes programs of this machine: %s', async (address) => {
    expect(await send({}, address)).toMatchObject({ apiKeyId: null, tenantId: ids.tenantId });
  });

  it('takes nobody unless it is allowed', async () => {
    await expect(send({}, '127.0.0.1', false)).rejects.toMatchObject({ status: 401 });
  });

  it.each([
    [{}, '10.0.0.1'],
    [{}, ''],
    [{ 'x-forwarded-for': '10.0.0.1' }, '127.0.0.1'],
    [{ origin: 'https://evil.example' }, '127.0.0.1'],
    [{ authorization: 'Bearer wrong' }, '127.0.0.1'],
  ])('takes nobody else: %j from "%s"', async (headers, address) => {
    await expect(send(headers, address)).rejects.toMatchObject({ status: 401 });
  });
});

describe('headers that came twice', () => {
  it.each([['tfk-1, tfk-1'], [['tfk-1', 'tfk-1']], ['tfk-1'], [[' tfk-1 ', 'tfk-1,tfk-1']]])(
    'count once: %j',
    (value) => {
      expect(singleValuedHeaders({ 'x-api-key-id': value, other: 'a, b' })).toEqual({
        'x-api-key-id': 'tfk-1',
        other: 'a, b',
      });
    },
  );

  it('must agree', () => {
    expect(() => singleValuedHeaders({ authorization: ['Bearer a', 'Bearer b'] })).toThrowError(
      expect.objectContaining({ status: 401 }),
    );
  });
});
