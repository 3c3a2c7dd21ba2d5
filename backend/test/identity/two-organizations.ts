import { expect } from 'vitest';
import { newId } from '../../src/shared/platform/index.js';
import { HierarchyCalls, SUPER, unique } from './hierarchy-calls.js';
import type { IdentityServer } from './identity-app.js';
import { people } from './people.js';

/** In every name and address of the foreign organization: where it is seen, something leaked. */
export const MARK = 'zqforeign';
const PASSWORD = 'harbour-violet-ladder-93';

export interface House {
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
  readonly administratorId: string;
  readonly administrator: { readonly authorization: string };
  readonly userId: string;
  readonly groupId: string;
  readonly roleId: string;
  readonly apiKeyId: string;
  readonly keyHeaders: Record<string, string>;
}

/** An organization with something of everything, made over the wire by its own administrator. */
export async function furnish(server: IdentityServer, mark: string): Promise<House> {
  const on = new HierarchyCalls(server);
  const region = await on.created('/regions', { code: unique('region') });
  const email = `${mark}-${newId()}@example.com`;
  const provisioned = await on.call(SUPER, 'POST', '/organizations/provision', {
    organization: { code: `${mark}-${unique('org')}`, name: `${mark} organization`, regionId: region.id },
    workspace: { code: 'workspace', name: `${mark} workspace` },
    tenant: { code: 'tenant', name: `${mark} tenant` },
    administrator: { email, firstName: mark, lastName: 'Administrator', password: PASSWORD },
    key: { name: `${mark} key`, permissions: ['metrics:read'] },
  });
  expect(provisioned.status, JSON.stringify(provisioned.body)).toBe(201);
  const administrator = await people(server).signIn(email, PASSWORD);
  const post = async (path: string, body: unknown) => {
    const answer = await on.call(administrator, 'POST', path, body);
    expect([200, 201, 204], `${path}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
    return answer.body;
  };
  const user = await post('/users', {
    email: `${mark}-${newId()}@example.com`,
    firstName: mark,
    lastName: 'User',
    password: PASSWORD,
  });
  const group = await post('/groups', { name: `${mark} group` });
  const role = await post('/roles', { name: `${mark} role`, permissions: ['metrics:read'] });
  await post(`/groups/${group.id}/users`, { userId: user.id });
  await post(`/groups/${group.id}/roles`, { roleId: role.id });
  await post(`/users/${user.id}/roles`, { roleId: role.id });
  await post(`/users/${user.id}/permissions`, { permission: 'logs:read' });
  const { organization, workspace, tenant, administratorId, key } = provisioned.body;
  const keys = await on.call(administrator, 'GET', '/api-keys');
  return {
    organizationId: organization.id,
    workspaceId: workspace.id,
    tenantId: tenant.id,
    administratorId,
    administrator,
    userId: user.id,
    groupId: group.id,
    roleId: role.id,
    apiKeyId: keys.body.data[0].id,
    keyHeaders: { 'x-api-key-id': key.keyId, 'x-api-key-secret': key.keySecret },
  };
}

/** Everything by which the house would be recognized. */
export function tracesOf(house: House): string[] {
  const { organizationId, workspaceId, tenantId, administratorId, userId, groupId, roleId, apiKeyId } = house;
  return [MARK, organizationId, workspaceId, tenantId, administratorId, userId, groupId, roleId, apiKeyId];
}
