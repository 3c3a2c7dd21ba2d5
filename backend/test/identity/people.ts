import { newId } from '../../src/shared/platform/index.js';
import type { Answer, IdentityServer } from './identity-app.js';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly auth: { authorization: string };
}

export interface RecordedAct {
  readonly type: string;
  readonly organization_id: string | null;
  // Shapes are asserted by the tests.
  readonly payload: Record<string, any>; // oxlint-disable-line typescript/no-explicit-any
}

export interface People {
  /** A password that the policy accepts. */
  readonly password: string;
  /** A call of the API by a seed user, e.g. `admin.telemetryflow`, or by whoever holds the session. */
  as(who: string | Readonly<Record<string, string>>, method: string, path: string, body?: unknown): Promise<Answer>;
  signIn(email: string, password?: string): Promise<{ authorization: string }>;
  /** A new user of the default organization, made by its administrator and signed in. */
  add(role?: string, details?: Record<string, unknown>): Promise<Person>;
  roleId(code: string): Promise<string>;
  /** Events of the outbox about the resource, oldest first. */
  acts(resourceId: string): Promise<RecordedAct[]>;
}

let counter = 0;

/** People of a running server, for tests. */
export function people(server: IdentityServer): People {
  const password = 'correct horse battery staple 7';
  const as: People['as'] = async (who, method, path, body) => {
    const headers = typeof who === 'string' ? await server.as(who) : who;
    return server.request(method, `/api/v2${path}`, { headers, ...(body === undefined ? {} : { body }) });
  };
  const signIn: People['signIn'] = async (email, given = password) => {
    const answer = await server.request('POST', '/api/v2/auth/login', { body: { email, password: given } });
    if (answer.status !== 200) throw new Error(`${email} could not sign in: ${JSON.stringify(answer.body)}`);
    return { authorization: `Bearer ${answer.body.access_token}` };
  };
  const roleIds = new Map<string, string>();
  const roleId: People['roleId'] = async (code) => {
    const known = roleIds.get(code);
    if (known !== undefined) return known;
    const [row] = await server.sql<{ role_id: string }>('SELECT role_id FROM roles WHERE code = $1', [code]);
    if (!row) throw new Error(`there is no role ${code}`);
    roleIds.set(code, row.role_id);
    return row.role_id;
  };
  return {
    password,
    as,
    signIn,
    roleId,
    async add(role = 'viewer', details = {}) {
      counter += 1;
      const email = `person${counter}@example.com`;
      const body = {
        email,
        firstName: 'Person',
        lastName: `No ${counter}`,
        password,
        roleId: await roleId(role),
        ...details,
      };
      const created = await as('admin.telemetryflow', 'POST', '/users', body);
      if (created.status !== 201) throw new Error(`no user: ${JSON.stringify(created.body)}`);
      return { id: created.body.id, email: created.body.email, auth: await signIn(created.body.email) };
    },
    acts: (resourceId) =>
      server.sql(
        `SELECT type, payload, organization_id FROM outbox WHERE payload->'resource'->>'id' = $1 ORDER BY id`,
        [resourceId],
      ),
  };
}

/** A name, what it is sent as, and how it is stored; null: refused. */
export const HOSTILE_NAMES: readonly (readonly [string, string, string | null])[] = [
  ['NUL', 'Ada\u0000', null],
  ['a line break', 'Ada\nBcc: all', null],
  ['10 kB', 'x'.repeat(10_240), null],
  ['a right-to-left override', 'Ada\u202egnp', 'Ada\u202egnp'],
  ['HTML', '<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['a formula', `=cmd|' /C calc'!A0`, `=cmd|' /C calc'!A0`],
  ['SQL', `'; DROP TABLE users; --`, `'; DROP TABLE users; --`],
  ['an emoji', '👩‍🚀', '👩‍🚀'],
];

/** An organization beside the seeded ones, with a user `alan@example.org` and a custom role. */
export async function secondOrganization(server: IdentityServer) {
  const ids = {
    organizationId: newId(),
    workspaceId: newId(),
    tenantId: newId(),
    userId: newId(),
    roleId: newId(),
    groupId: newId(),
  };
  const { organizationId, workspaceId, tenantId, userId, roleId, groupId } = ids;
  await server.sql(
    `INSERT INTO organizations (organization_id, region_id, code, name)
     SELECT $1, region_id, 'second', 'Second' FROM regions LIMIT 1`,
    [organizationId],
  );
  await server.sql(
    `INSERT INTO workspaces (workspace_id, organization_id, code, name) VALUES ($1, $2, 'second', 'Second')`,
    [workspaceId, organizationId],
  );
  await server.sql(
    `INSERT INTO tenants (tenant_id, workspace_id, organization_id, code, name) VALUES ($1, $2, $3, 'second', 'Second')`,
    [tenantId, workspaceId, organizationId],
  );
  await server.sql(
    `INSERT INTO users (user_id, organization_id, workspace_id, tenant_id, email, first_name, last_name)
     VALUES ($1, $2, $3, $4, 'alan@example.org', 'Alan', 'Turing')`,
    [userId, organizationId, workspaceId, tenantId],
  );
  await server.sql(
    `INSERT INTO roles (role_id, organization_id, code, name, level) VALUES ($1, $2, 'enigma', 'Enigma', 4)`,
    [roleId, organizationId],
  );
  await server.sql(`INSERT INTO groups (group_id, organization_id, name) VALUES ($1, $2, 'Hut 8')`, [
    groupId,
    organizationId,
  ]);
  return ids;
}
