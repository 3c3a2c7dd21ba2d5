import { newId } from '../../src/shared/platform/index.js';
import type { Answer, IdentityServer } from './identity-app.js';
import { people, type People, type RecordedAct } from './people.js';

/** A seed user's address without its domain, or the headers of somebody else. */
export type Caller = string | Readonly<Record<string, string>>;

export interface Ids {
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
}

export interface ScopeAt {
  readonly type: 'platform' | 'organization' | 'workspace' | 'tenant';
  readonly id?: string;
}

export const SUPER = 'super.administrator';
export const ADMIN = 'admin.telemetryflow';
export const DEVELOPER = 'developer.telemetryflow';
export const VIEWER = 'viewer.telemetryflow';
export const DEMO = 'demo.telemetryflow';
/** Of everyone that {@link HierarchyCalls.person} makes. */
const PASSWORD = 'Viewer@123456';

let counter = 0;
/** A code that no other test uses. */
export const unique = (prefix: string) => `${prefix}-${(counter += 1)}`;

/** What tests of the hierarchy do all the time, over the wire. */
export class HierarchyCalls {
  readonly #people: People;

  constructor(private readonly server: IdentityServer) {
    this.#people = people(server);
  }

  call(who: Caller, method: string, path: string, body?: unknown): Promise<Answer> {
    return this.#people.as(who, method, path, body);
  }

  /** Status codes of the same call made at the same time. */
  async race(who: Caller, method: string, path: string, body?: unknown, times = 5): Promise<number[]> {
    const answers = await Promise.all(Array.from({ length: times }, () => this.call(who, method, path, body)));
    return answers.map(({ status }) => status).sort();
  }

  async created(path: string, body: Record<string, unknown>, who: Caller = SUPER) {
    const answer = await this.call(who, 'POST', path, { name: 'Some name', ...body });
    assertStatus(answer, 201);
    const location = answer.headers.get('location');
    if (location !== `/api/v2${path}/${answer.body.id}`) throw new Error(`the new one is said to be at ${location}`);
    return answer.body;
  }

  /** A region of its own, and in it an organization with a workspace and a tenant. */
  async tree(): Promise<Ids & { readonly regionId: string }> {
    const region = await this.created('/regions', { code: unique('region') });
    const organization = await this.created('/organizations', { code: unique('org'), regionId: region.id });
    const workspace = await this.created('/workspaces', { code: unique('ws'), organizationId: organization.id });
    const tenant = await this.created('/tenants', { code: unique('tn'), workspaceId: workspace.id });
    return {
      regionId: region.id,
      organizationId: organization.id,
      workspaceId: workspace.id,
      tenantId: tenant.id,
    };
  }

  /** A user at home in the tenant who holds the role there, or at another scope; `login` signs them in. */
  async person(home: Ids, role: string, scope: ScopeAt = { type: 'organization', id: home.organizationId }) {
    const userId = newId();
    const email = `${userId}@example.com`;
    await this.server.sql(
      `INSERT INTO users (user_id, organization_id, workspace_id, tenant_id, email, password_hash, first_name,
                          email_verified_at)
       SELECT $1, $2, $3, $4, $5, password_hash, 'Some', now() FROM users WHERE email = $6`,
      [userId, home.organizationId, home.workspaceId, home.tenantId, email, `${VIEWER}@telemetryflow.id`],
    );
    await this.assign(userId, home.organizationId, role, scope);
    return { userId, email };
  }

  async assign(userId: string, organizationId: string, role: string, scope: ScopeAt): Promise<void> {
    await this.server.sql(
      `INSERT INTO role_assignments (role_assignment_id, user_id, role_id, organization_id, scope_type, scope_id)
       SELECT $1, $2, role_id, $3, $4, $5 FROM roles WHERE code = $6 AND is_system`,
      [newId(), userId, organizationId, scope.type, scope.id ?? null, role],
    );
  }

  login(email: string): Promise<Answer> {
    return this.server.request('POST', '/api/v2/auth/login', { body: { email, password: PASSWORD } });
  }

  /** The headers of somebody's session. */
  signedIn(email: string): Promise<{ authorization: string }> {
    return this.#people.signIn(email, PASSWORD);
  }

  /** What was recorded of the thing, oldest first. */
  acts(id: string): Promise<RecordedAct[]> {
    return this.#people.acts(id);
  }

  /** Deletes it as many days ago as that. */
  async backdate(level: 'region' | 'organization' | 'workspace' | 'tenant', id: string, days: number): Promise<void> {
    await this.server.sql(
      `UPDATE ${level}s SET deleted_at = now() - make_interval(days => $2) WHERE ${level}_id = $1`,
      [id, days],
    );
  }
}

function assertStatus({ status, body }: Answer, expected: number): void {
  if (status !== expected) throw new Error(`answered ${status} instead of ${expected}: ${JSON.stringify(body)}`);
}
