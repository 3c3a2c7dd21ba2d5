import { by, list, object, own, type Expectation } from './expectation.js';
import { unique, type Subject } from './world.js';

const scope = (subject: Subject) => ({ type: 'organization', id: subject.organizationId });
const user = (s: Subject) => s.user();
const role = (s: Subject) => s.role();
const group = (s: Subject) => s.group();
export const peopleRoutes: Record<string, Expectation> = {
  'GET /api/v2/users': list('users:read', '?limit=100'),
  'POST /api/v2/users': object('users:create', 201, (s) => ({
    body: {
      email: `${unique('new')}@example.com`,
      firstName: 'New',
      lastName: 'User',
      password: 'walnut-orbit-harvest-42',
      tenantId: s.tenantId,
    },
  })),
  'GET /api/v2/users/{id}': object('users:read', 200, by(user)),
  'PATCH /api/v2/users/{id}': object(
    'users:update',
    200,
    by(user, () => ({ firstName: 'Changed' })),
  ),
  'DELETE /api/v2/users/{id}': object('users:delete', 204, by(user)),
  'POST /api/v2/users/{id}/activate': object('users:update', 200, async (s) => {
    const { id } = await s.user();
    await s.do('POST', `/api/v2/users/${id}/deactivate`);
    return { ids: [id] };
  }),
  'DELETE /api/v2/users/{id}/sessions': object('users:update', 204, by(user)),
  // The user has none.
  'DELETE /api/v2/users/{id}/mfa': object('users:update', 404, by(user)),
  'POST /api/v2/users/{id}/deactivate': object('users:update', 200, by(user)),
  'POST /api/v2/users/{id}/unlock': object('users:update', 200, by(user)),
  'POST /api/v2/users/{id}/invite': object('users:update', 202, by(user)),
  'PUT /api/v2/users/{id}/password': object(
    'users:update',
    204,
    by(user, () => ({ password: 'another-orbit-harvest-43' })),
  ),
  'GET /api/v2/users/{id}/roles': object('users:read', 200, by(user)),
  'POST /api/v2/users/{id}/roles': object('permissions:assign', 201, async (s) => ({
    ids: [(await s.user()).id],
    body: { roleId: (await s.role()).id, scope: scope(s) },
  })),
  'DELETE /api/v2/users/{id}/roles/{assignmentId}': object('permissions:assign', 204, async (s) => {
    const { id } = await s.user();
    const body = { roleId: (await s.role()).id, scope: scope(s) };
    return { ids: [id, (await s.make(`/api/v2/users/${id}/roles`, body)).id] };
  }),
  'GET /api/v2/users/{id}/permissions': object('users:read', 200, by(user)),
  'POST /api/v2/users/{id}/permissions': object(
    'permissions:assign',
    201,
    by(user, (s) => ({ permission: 'logs:read', scope: scope(s) })),
  ),
  'DELETE /api/v2/users/{id}/permissions/{grantId}': object('permissions:assign', 204, async (s) => {
    const { id } = await s.user();
    const body = { permission: 'logs:read', scope: scope(s) };
    return { ids: [id, (await s.make(`/api/v2/users/${id}/permissions`, body)).id] };
  }),
  'GET /api/v2/users/me/audit': { ...own(200), repeatsWhatWasAsked: true },
  'GET /api/v2/users/me/data-export': { ...own(200), repeatsWhatWasAsked: true },
  'GET /api/v2/users/{id}/data-export': object('audit-logs:manage', 200, by(user)),
  'POST /api/v2/users/{id}/erase': object('audit-logs:manage', 200, async (s) => {
    const { id, email } = await s.user();
    return { ids: [id], body: { confirmEmail: email } };
  }),

  'GET /api/v2/roles': list('roles:read', '?limit=100'),
  'POST /api/v2/roles': object('roles:create', 201, () => ({ body: { name: unique('role'), permissions: [] } })),
  'GET /api/v2/roles/{id}': object('roles:read', 200, by(role)),
  'PATCH /api/v2/roles/{id}': object(
    'roles:update',
    200,
    by(role, () => ({ description: 'changed' })),
  ),
  'DELETE /api/v2/roles/{id}': object('roles:delete', 204, by(role)),
  'PUT /api/v2/roles/{id}/permissions': object(
    'roles:update',
    200,
    by(role, () => ({ permissions: ['logs:read'] })),
  ),
  'GET /api/v2/roles/{id}/users': object('roles:read', 200, by(role)),
  'GET /api/v2/permissions': list('permissions:read'),
  'GET /api/v2/permissions/resources': list('permissions:read'),
  'GET /api/v2/permission-matrix': list('roles:read'),
  'GET /api/v2/assignments': list('users:read', '?limit=100'),

  'GET /api/v2/groups': list('groups:read', '?limit=100'),
  'POST /api/v2/groups': object('groups:create', 201, () => ({ body: { name: unique('group') } })),
  'GET /api/v2/groups/{id}': object('groups:read', 200, by(group)),
  'PATCH /api/v2/groups/{id}': object(
    'groups:update',
    200,
    by(group, () => ({ description: 'changed' })),
  ),
  'DELETE /api/v2/groups/{id}': object('groups:delete', 204, by(group)),
  'GET /api/v2/groups/{id}/users': object('groups:read', 200, by(group)),
  'POST /api/v2/groups/{id}/users': object('groups:update', 201, async (s) => ({
    ids: [(await s.group()).id],
    body: { userId: (await s.user()).id },
  })),
  'DELETE /api/v2/groups/{id}/users/{userId}': object('groups:update', 204, async (s) => {
    const { id } = await s.group();
    const userId = (await s.user()).id;
    await s.do('POST', `/api/v2/groups/${id}/users`, { userId });
    return { ids: [id, userId] };
  }),
  'GET /api/v2/groups/{id}/roles': object('groups:read', 200, by(group)),
  'POST /api/v2/groups/{id}/roles': object('permissions:assign', 201, async (s) => ({
    ids: [(await s.group()).id],
    body: { roleId: (await s.role()).id, scope: scope(s) },
  })),
  'DELETE /api/v2/groups/{id}/roles/{assignmentId}': object('permissions:assign', 204, async (s) => {
    const { id } = await s.group();
    const body = { roleId: (await s.role()).id, scope: scope(s) };
    return { ids: [id, (await s.make(`/api/v2/groups/${id}/roles`, body)).id] };
  }),
};
