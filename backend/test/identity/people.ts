import type { Answer, IdentityServer } from './identity-app.js';

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly auth: { authorization: string };
}

export interface People {
  /** A password that the policy accepts. */
  readonly password: string;
  /** A call of the API by a seed user, e.g. `admin.telemetryflow`, or by whoever holds the session. */
  as(who: string | { authorization: string }, method: string, path: string, body?: unknown): Promise<Answer>;
  signIn(email: string, password?: string): Promise<{ authorization: string }>;
  /** A new user of the default organization, made by its administrator and signed in. */
  add(role?: string, details?: Record<string, unknown>): Promise<Person>;
  roleId(code: string): Promise<string>;
  /** Events of the outbox about the resource, oldest first. */
  acts(resourceId: string): Promise<{ type: string; payload: Record<string, any> }[]>; // oxlint-disable-line typescript/no-explicit-any
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
  const roleId: People['roleId'] = async (code) => {
    const [row] = await server.sql<{ role_id: string }>('SELECT role_id FROM roles WHERE code = $1', [code]);
    if (!row) throw new Error(`there is no role ${code}`);
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
      server.sql(`SELECT type, payload FROM outbox WHERE payload->'resource'->>'id' = $1 ORDER BY id`, [resourceId]),
  };
}
