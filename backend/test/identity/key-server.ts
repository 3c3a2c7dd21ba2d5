import { ApiKeyAuthenticator } from '../../src/modules/300-api-keys/index.js';
import { newId } from '../../src/shared/platform/index.js';
import {
  startIdentityServer,
  startTestPostgres,
  type Answer,
  type IdentityServer,
  type TestPostgres,
} from './identity-app.js';

export type Auth = Readonly<Record<string, string>>;

interface RecordedAct {
  readonly type: string;
  readonly organization_id: string;
  readonly payload: Record<string, unknown>;
}

/** The default tenant with a sibling beside it, and keys in both. */
export class KeyServer {
  readonly siblingId = newId();
  #made = 0;

  private constructor(
    private readonly postgres: TestPostgres,
    readonly server: IdentityServer,
    /** The administrator of the organization. */
    readonly admin: Auth,
  ) {}

  static async start(): Promise<KeyServer> {
    const postgres = await startTestPostgres();
    const server = await startIdentityServer(postgres);
    const keys = new KeyServer(postgres, server, await server.as('admin.telemetryflow'));
    const { organizationId, workspaceId } = keys.place;
    await server.sql(
      `INSERT INTO tenants (tenant_id, workspace_id, organization_id, code, name) VALUES ($1, $2, $3, 'sibling', 'Sibling')`,
      [keys.siblingId, workspaceId, organizationId],
    );
    return keys;
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await this.postgres.stop();
  }

  get place() {
    return this.server.seeded.places.default;
  }

  /** @param path behind `/api/v2/api-keys` */
  call(method: string, path: string, body?: unknown, headers = this.admin): Promise<Answer> {
    return this.server.request(method, `/api/v2/api-keys${path}`, { headers, ...(body === undefined ? {} : { body }) });
  }

  /** A name that no other key has. */
  newName(): string {
    return `key ${(this.#made += 1)}`;
  }

  async create(changed: Record<string, unknown> = {}, headers = this.admin): Promise<Answer['body']> {
    const scope = { type: 'tenant', tenantId: this.place.tenantId };
    const body = { name: this.newName(), permissions: ['metrics:write'], scope, ...changed };
    const answer = await this.call('POST', '', body, headers);
    if (answer.status !== 201) throw new Error(`no key: ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async works({ keyId, keySecret }: { keyId: string; keySecret: string }): Promise<boolean> {
    const headers = { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret };
    return (await this.call('GET', '/validate', undefined, headers)).status === 200;
  }

  /** Changes a stored key behind the application's back. */
  async store(id: string, assignment: string): Promise<void> {
    const [row] = await this.server.sql<{ key_id: string }>(
      `UPDATE api_keys SET ${assignment} WHERE api_key_id = $1 RETURNING key_id`,
      [id],
    );
    this.server.app.get(ApiKeyAuthenticator).evict(row!.key_id);
  }

  actsOf(id: string): Promise<RecordedAct[]> {
    return this.server.sql<RecordedAct>(
      `SELECT type, organization_id, payload FROM outbox
       WHERE type LIKE 'api_key.%' AND payload ->> 'aggregateId' = $1 ORDER BY id`,
      [id],
    );
  }
}

/** Paths of the fields that an answer refuses. */
export const fieldsOf = ({ body }: Answer) => (body.errors ?? []).map(({ path }: { path: string }) => path).sort();
