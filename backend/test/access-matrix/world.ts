/** Two organizations and a demonstration, everyone who acts in them, and what they act upon. */
import { randomBytes } from 'node:crypto';
import type { Permission, SystemRole } from '@telemetryflow/contracts';
import { eventually, seedUsers, TestPlatform, type Reply } from '../support/platform.js';

/** In every name of the other organization: where it shows up, something leaked. */
export const FOREIGN_MARK = 'zz-foreign';
/** A service that only the sibling tenant has. */
export const SIBLING_SERVICE = 'zz-sibling';
const SIGNALS = ['traces', 'logs', 'metrics'] as const;
const PASSWORD = 'walnut-orbit-harvest-42';

/** What somebody may do: a tier, held over the organization (or the platform) or in one tenant only. */
export interface Caller {
  readonly name: string;
  readonly tier: SystemRole;
  readonly heldIn: 'platform' | 'organization' | 'tenant';
  token: string;
  /** Where they stand by themselves. */
  readonly home: Subject;
}

let counter = 0;
/** Lower-case letters and digits that nobody used before. */
export const unique = (prefix = 'x') => `${prefix}-${(counter += 1)}-${randomBytes(3).toString('hex')}`;

/** An organization as the target of calls; makes what a call uses up. */
export class Subject {
  constructor(
    private readonly world: World,
    readonly organizationId: string,
    readonly workspaceId: string,
    readonly tenantId: string,
    readonly regionId: string,
  ) {}

  /** As the super administrator, standing here. */
  async make<T extends { id: string }>(path: string, body: unknown): Promise<T> {
    const reply = await this.world.asSuper<T>('POST', path, body, this.tenantId);
    if (reply.status !== 201) throw new Error(`POST ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply.body;
  }

  async do(method: string, path: string, body?: unknown): Promise<void> {
    const reply = await this.world.asSuper(method, path, body, this.tenantId);
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
  }

  /** Without a password: hashing one takes longer than everything else here. */
  user = () =>
    this.make<{ id: string; email: string }>('/api/v2/users', {
      email: `${unique('user')}@example.com`,
      firstName: 'Some',
      lastName: 'Body',
      tenantId: this.tenantId,
    });
  role = (permissions: readonly Permission[] = ['logs:read']) =>
    this.make('/api/v2/roles', { name: unique('role'), permissions });
  group = () => this.make('/api/v2/groups', { name: unique('group') });
  key = () =>
    this.make<{ id: string; keyId: string }>('/api/v2/api-keys', {
      name: unique('key'),
      permissions: ['logs:read'],
      scope: { type: 'tenant', tenantId: this.tenantId },
    });
  /** Shared, so that others than its maker see it. */
  savedView = () =>
    this.make('/api/v2/saved-views', {
      name: unique('view'),
      page: 'logs',
      state: 'query=severity:error',
      visibility: 'shared',
    });
  workspace = () =>
    this.make('/api/v2/workspaces', { code: unique('w'), name: 'A workspace', organizationId: this.organizationId });
  tenant = () => this.make('/api/v2/tenants', { code: unique('t'), name: 'A tenant', workspaceId: this.workspaceId });
  /** Something that happened here, from the trail. */
  async auditEntry(): Promise<string> {
    await this.make('/api/v2/groups', { name: unique('group') });
    return eventually('an audit entry', async () => {
      const { body } = await this.world.asSuper<{ data: { id: string; organizationId: string | null }[] }>(
        'GET',
        '/api/v2/audit?limit=100&action=group.created',
        undefined,
        this.tenantId,
      );
      return body.data.find(({ organizationId }) => organizationId === this.organizationId)?.id;
    });
  }
  get scope() {
    return { type: 'tenant', id: this.tenantId } as const;
  }
}

export class World {
  #systemRoles = new Map<string, string>();
  #superToken = '';
  own!: Subject;
  sibling!: Subject;
  demo!: Subject;
  other!: Subject;
  callers: readonly Caller[] = [];

  private constructor(readonly platform: TestPlatform) {}

  static async build(): Promise<World> {
    const world = new World(await TestPlatform.start({ JWT_EXPIRATION_SECONDS: '86400' }));
    await world.#fill();
    return world;
  }

  asSuper<T>(method: string, path: string, body?: unknown, tenantId?: string): Promise<Reply<T>> {
    return this.platform.request<T>(method, path, {
      ...(body === undefined ? {} : { body }),
      headers: {
        authorization: `Bearer ${this.#superToken}`,
        ...(tenantId === undefined ? {} : { 'x-tenant-id': tenantId }),
      },
    });
  }

  /** A session of its own for calls that end it. */
  async freshToken(caller: Caller): Promise<string> {
    return this.#logIn(this.#credentials.get(caller.name) ?? { email: '', password: '' });
  }

  /** After all the caller's sessions have ended. */
  async signInAgain(caller: Caller): Promise<void> {
    caller.token = await this.freshToken(caller);
  }

  readonly #credentials = new Map<string, { email: string; password: string }>();

  async #logIn(credentials: { email: string; password: string }): Promise<string> {
    const { status, body } = await this.platform.request<{ access_token: string }>('POST', '/api/v2/auth/login', {
      body: credentials,
    });
    if (status !== 200) throw new Error(`${credentials.email} could not sign in: ${status} ${JSON.stringify(body)}`);
    return body.access_token;
  }

  async #fill(): Promise<void> {
    this.#superToken = await this.#logIn(seedUsers.super);
    const roles = await this.asSuper<{ data: { id: string; code: string }[] }>('GET', '/api/v2/roles?limit=100');
    this.#systemRoles = new Map(roles.body.data.map(({ code, id }) => [code, id]));
    this.own = await this.#subjectOf('telemetryflow', 'default');
    this.demo = await this.#subjectOf('org-demo', 'ws-demo');
    this.other = await this.#otherOrganization();
    const tenant = await this.own.tenant();
    const { organizationId, workspaceId, regionId } = this.own;
    this.sibling = new Subject(this, organizationId, workspaceId, tenant.id, regionId);
    this.callers = await this.#callers();
    await this.#send(this.other, FOREIGN_MARK);
    await this.#send(this.sibling, SIBLING_SERVICE);
  }

  /** Telemetry of all signals, until it can be read. */
  async #send(subject: Subject, service: string): Promise<void> {
    const made = await subject.make<{ id: string; keyId: string; keySecret: string }>('/api/v2/api-keys', {
      name: unique('sender'),
      permissions: SIGNALS.map((signal) => `${signal}:write`),
      scope: { type: 'tenant', tenantId: subject.tenantId },
    });
    const headers = { 'x-api-key-id': made.keyId, 'x-api-key-secret': made.keySecret };
    for (const [signal, body] of Object.entries(telemetryOf(service))) {
      const { status } = await this.platform.request('POST', `/v1/${signal}`, { headers, body });
      if (status !== 200) throw new Error(`${signal} of ${service}: ${status}`);
    }
    const range = `from=${encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString())}`;
    for (const path of [`traces?${range}`, `logs?${range}`, `services?${range}`, `metrics/names?${range}`]) {
      await eventually(`${path} of ${service}`, async () => {
        const reply = await this.asSuper<unknown>('GET', `/api/v2/telemetry/${path}`, undefined, subject.tenantId);
        return JSON.stringify(reply.body).includes(service) ? true : undefined;
      });
    }
  }

  async #subjectOf(organizationCode: string, workspaceCode: string): Promise<Subject> {
    const list = async <T>(path: string) => (await this.asSuper<{ data: T[] }>('GET', path)).body.data;
    type Node = { id: string; code: string; regionId: string };
    const organization = (await list<Node>('/api/v2/organizations?limit=100')).find((o) => o.code === organizationCode);
    const workspaces = await list<Node>(`/api/v2/workspaces?limit=100&organizationId=${organization?.id}`);
    const workspace = workspaces.find((w) => w.code === workspaceCode);
    const [tenant] = await list<Node>(`/api/v2/tenants?limit=100&workspaceId=${workspace?.id}`);
    if (!organization || !workspace || !tenant) throw new Error(`${organizationCode} was not seeded`);
    return new Subject(this, organization.id, workspace.id, tenant.id, organization.regionId);
  }

  async #otherOrganization(): Promise<Subject> {
    const { status, body } = await this.asSuper<Record<'organization' | 'workspace' | 'tenant', { id: string }>>(
      'POST',
      '/api/v2/organizations/provision',
      {
        organization: { code: FOREIGN_MARK, name: `${FOREIGN_MARK} organization`, regionId: this.own.regionId },
        workspace: { code: FOREIGN_MARK, name: `${FOREIGN_MARK} workspace` },
        tenant: { code: FOREIGN_MARK, name: `${FOREIGN_MARK} tenant` },
        administrator: {
          email: `${FOREIGN_MARK}@example.com`,
          firstName: FOREIGN_MARK,
          lastName: FOREIGN_MARK,
          password: PASSWORD,
        },
        key: { name: `${FOREIGN_MARK} key`, permissions: SIGNALS.map((signal): Permission => `${signal}:write`) },
      },
    );
    if (status !== 201) throw new Error(`provisioning: ${status} ${JSON.stringify(body)}`);
    return new Subject(this, body.organization.id, body.workspace.id, body.tenant.id, this.own.regionId);
  }

  async #callers(): Promise<Caller[]> {
    const seeds: [SystemRole, keyof typeof seedUsers][] = [
      ['super_administrator', 'super'],
      ['administrator', 'administrator'],
      ['developer', 'developer'],
      ['viewer', 'viewer'],
      ['demo', 'demo'],
    ];
    const callers: Caller[] = [];
    for (const [tier, seed] of seeds) {
      const heldIn = tier === 'super_administrator' ? 'platform' : 'organization';
      const home = tier === 'demo' ? this.demo : this.own;
      callers.push(await this.#caller(tier, { name: tier, heldIn, home }, seedUsers[seed]));
    }
    for (const tier of ['administrator', 'developer', 'viewer'] as const) {
      callers.push(await this.#inOneTenant(tier));
    }
    return callers;
  }

  async #inOneTenant(tier: SystemRole): Promise<Caller> {
    const email = `${unique(`tenant-${tier}`)}@example.com`;
    await this.own.make('/api/v2/users', {
      email,
      firstName: 'Tenant',
      lastName: tier,
      password: PASSWORD,
      tenantId: this.own.tenantId,
      roleId: this.systemRole(tier),
      scope: this.own.scope,
    });
    const name = `${tier} of one tenant`;
    return this.#caller(tier, { name, heldIn: 'tenant', home: this.own }, { email, password: PASSWORD });
  }

  async #caller(
    tier: SystemRole,
    rest: Omit<Caller, 'tier' | 'token'>,
    credentials: { email: string; password: string },
  ): Promise<Caller> {
    this.#credentials.set(rest.name, credentials);
    return { ...rest, tier, token: await this.#logIn(credentials) };
  }

  systemRole(code: SystemRole): string {
    const id = this.#systemRoles.get(code);
    if (id === undefined) throw new Error(`there is no role ${code}`);
    return id;
  }

  async dispose(): Promise<void> {
    await this.platform.dispose();
  }
}

function telemetryOf(service: string): Record<(typeof SIGNALS)[number], unknown> {
  const timeUnixNano = `${BigInt(Date.now()) * 1_000_000n}`;
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: service } }] };
  const span = {
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: `${service} work`,
    kind: 2,
    startTimeUnixNano: timeUnixNano,
    endTimeUnixNano: timeUnixNano,
    attributes: [{ key: service, value: { stringValue: service } }],
  };
  const record = { timeUnixNano, severityNumber: 9, body: { stringValue: `${service} says` } };
  const metric = { name: `${service}.requests`, gauge: { dataPoints: [{ timeUnixNano, asDouble: 1 }] } };
  return {
    traces: { resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] },
    logs: { resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] },
    metrics: { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [metric] }] }] },
  };
}
