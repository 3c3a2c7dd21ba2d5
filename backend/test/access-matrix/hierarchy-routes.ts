import { by, list, object, onPlatform, own, type Expectation } from './expectation.js';
import { unique, type Subject } from './world.js';

const workspace = (s: Subject) => s.workspace();
const tenant = (s: Subject) => s.tenant();

/** Organizations are the platform's to make and to end. */
async function organization(subject: Subject): Promise<{ id: string }> {
  return subject.make('/api/v2/organizations', { code: unique('o'), name: 'Another', regionId: subject.regionId });
}
async function region(subject: Subject): Promise<{ id: string }> {
  return subject.make('/api/v2/regions', { code: unique('r'), name: 'Another' });
}
async function deleted(subject: Subject, path: string, made: { id: string }): Promise<{ id: string }> {
  await subject.do('DELETE', `${path}/${made.id}`);
  return made;
}
export const hierarchyRoutes: Record<string, Expectation> = {
  'GET /api/v2/regions': { ...list('regions:read'), addresses: 'platform' },
  'POST /api/v2/regions': onPlatform('regions:create', 201, () => ({ body: { code: unique('r'), name: 'New' } })),
  'GET /api/v2/regions/{id}': onPlatform('regions:read', 200, by(region)),
  'PATCH /api/v2/regions/{id}': onPlatform(
    'regions:update',
    200,
    by(region, () => ({ name: 'Changed' })),
  ),
  'DELETE /api/v2/regions/{id}': onPlatform('regions:delete', 204, by(region)),
  'POST /api/v2/regions/{id}/restore': onPlatform(
    'regions:delete',
    200,
    by(async (s) => deleted(s, '/api/v2/regions', await region(s))),
  ),
  'PATCH /api/v2/regions/{id}/activate': onPlatform('regions:update', 200, by(region)),
  'PATCH /api/v2/regions/{id}/deactivate': onPlatform('regions:update', 200, by(region)),

  'GET /api/v2/organizations': list('organizations:read'),
  'POST /api/v2/organizations': onPlatform('organizations:create', 201, (s) => ({
    body: { code: unique('o'), name: 'New', regionId: s.regionId },
  })),
  'POST /api/v2/organizations/provision': onPlatform('organizations:create', 201, (s) => ({
    body: {
      organization: { code: unique('o'), name: 'New', regionId: s.regionId },
      administrator: {
        email: `${unique('admin')}@example.com`,
        firstName: 'First',
        lastName: 'Administrator',
        password: 'walnut-orbit-harvest-42',
      },
    },
  })),
  'GET /api/v2/organizations/me': own(200),
  'GET /api/v2/organizations/{id}': object('organizations:read', 200, (s) => ({ ids: [s.organizationId] })),
  'PATCH /api/v2/organizations/{id}': object('organizations:update', 200, (s) => ({
    ids: [s.organizationId],
    body: { description: 'changed' },
  })),
  'DELETE /api/v2/organizations/{id}': onPlatform('organizations:delete', 204, by(organization)),
  'POST /api/v2/organizations/{id}/restore': onPlatform(
    'organizations:delete',
    200,
    by(async (s) => deleted(s, '/api/v2/organizations', await organization(s))),
  ),
  'PATCH /api/v2/organizations/{id}/activate': object('organizations:update', 200, (s) => ({
    ids: [s.organizationId],
  })),
  // Nobody here is the creator of theirs, and of another one nobody but the platform knows.
  'PATCH /api/v2/organizations/{id}/deactivate': {
    ...onPlatform('organizations:update', 200, by(organization)),
    okInOrganization: 404,
  },
  'PUT /api/v2/organizations/{id}/settings': object('organizations:update', 403, (s) => ({
    ids: [s.organizationId],
    body: { description: 'changed' },
  })),
  'GET /api/v2/organizations/{id}/administrators': object('users:read', 200, (s) => ({ ids: [s.organizationId] })),

  'GET /api/v2/workspaces': list('workspaces:read', '?limit=100'),
  'POST /api/v2/workspaces': object('workspaces:create', 201, (s) => ({
    body: { code: unique('w'), name: 'New', organizationId: s.organizationId },
  })),
  'GET /api/v2/workspaces/{id}': object('workspaces:read', 200, (s) => ({ ids: [s.workspaceId] })),
  'PATCH /api/v2/workspaces/{id}': object(
    'workspaces:update',
    200,
    by(workspace, () => ({ name: 'Changed' })),
  ),
  'DELETE /api/v2/workspaces/{id}': object('workspaces:delete', 204, by(workspace)),
  'POST /api/v2/workspaces/{id}/restore': object(
    'workspaces:delete',
    200,
    by(async (s) => deleted(s, '/api/v2/workspaces', await workspace(s))),
  ),
  'PATCH /api/v2/workspaces/{id}/activate': object('workspaces:update', 200, by(workspace)),
  'PATCH /api/v2/workspaces/{id}/deactivate': object('workspaces:update', 200, by(workspace)),
  'GET /api/v2/workspaces/{id}/quotas': object('workspaces:read', 200, (s) => ({ ids: [s.workspaceId] })),
  'PUT /api/v2/workspaces/{id}/quotas': object(
    'organizations:update',
    200,
    by(workspace, () => ({ maxUsers: 9 })),
  ),

  'GET /api/v2/tenants': list('tenants:read', '?limit=100'),
  'POST /api/v2/tenants': object('tenants:create', 201, (s) => ({
    body: { code: unique('t'), name: 'New', workspaceId: s.workspaceId },
  })),
  'GET /api/v2/tenants/{id}': object('tenants:read', 200, (s) => ({ ids: [s.tenantId] })),
  'PATCH /api/v2/tenants/{id}': object(
    'tenants:update',
    200,
    by(tenant, () => ({ name: 'Changed' })),
  ),
  'DELETE /api/v2/tenants/{id}': object('tenants:delete', 204, by(tenant)),
  'POST /api/v2/tenants/{id}/restore': object(
    'tenants:delete',
    200,
    by(async (s) => deleted(s, '/api/v2/tenants', await tenant(s))),
  ),
  'PATCH /api/v2/tenants/{id}/activate': object('tenants:update', 200, by(tenant)),
  'PATCH /api/v2/tenants/{id}/deactivate': object('tenants:update', 200, by(tenant)),
  'GET /api/v2/scopes': { access: 'signed-in', ok: 200, addresses: 'list' },
};
