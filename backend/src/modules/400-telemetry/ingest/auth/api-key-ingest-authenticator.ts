import {
  IngestAuthError,
  type IngestAuthenticator,
  type IngestHeaders,
  type IngestPrincipal,
} from './ingest-authenticator.js';

/** What a verified key says about its bearer. */
export interface VerifiedApiKey {
  readonly apiKeyId: string;
  readonly keyId: string;
  readonly organizationId: string;
  readonly workspaceId: string;
  /** For a workspace-wide key: where telemetry goes unless the request names another tenant of the workspace. */
  readonly tenantId: string;
  readonly scope: 'tenant' | 'workspace';
  readonly permissions: ReadonlySet<string>;
  /** The key's own limit; absent: the platform's. */
  readonly requestsPerMinute?: number;
}

/** A sender who named a scope that is not theirs. */
export interface ForeignScope {
  readonly sender: IngestPrincipal;
  /** The key's public id; absent: anonymous. */
  readonly keyId?: string | undefined;
  readonly headers: IngestHeaders;
  readonly remoteAddress: string;
  /** What they were told. */
  readonly detail: string;
}

export interface ApiKeyIngestOptions {
  /** `null` when the headers hold no key that is valid now. */
  readonly keys: { authenticate(headers: IngestHeaders): Promise<VerifiedApiKey | null> };
  /** Finds active tenants, for workspace-wide keys that name one; absent: they cannot. */
  readonly tenants?: { tenant(tenantId: string): Promise<{ readonly workspaceId: string } | null> };
  /** Whom loopback peers without any credential send for; absent: nobody. */
  readonly anonymous?: () => Promise<IngestPrincipal>;
  /** Told of everyone who is refused for a scope that is not theirs. */
  readonly onForeignScope?: (refused: ForeignScope) => void;
}

/** Every header that may hold a part of a credential. */
export const CREDENTIAL_HEADERS = [
  'authorization',
  'x-api-key',
  'x-api-key-id',
  'x-api-key-secret',
  'x-telemetryflow-key-id',
  'x-telemetryflow-key-secret',
];
/** A request with one of these came through a proxy: the peer's address says nothing about the sender. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** API keys decide who sends; headers that name a scope may only narrow the key's own. */
export class ApiKeyIngestAuthenticator implements IngestAuthenticator {
  constructor(private readonly options: ApiKeyIngestOptions) {}

  async authenticate(headers: IngestHeaders, remoteAddress: string): Promise<IngestPrincipal> {
    const { keys, anonymous } = this.options;
    if (CREDENTIAL_HEADERS.every((name) => headers[name] === undefined)) {
      if (anonymous !== undefined && isLocalProgram(headers, remoteAddress)) {
        return this.#ownScope(await anonymous(), undefined, 'tenant', headers, remoteAddress);
      }
      throw new IngestAuthError(401, 'An API key is required: send X-API-Key-ID and X-API-Key-Secret');
    }
    const key = await keys.authenticate(headers);
    if (key === null) throw new IngestAuthError(401, 'The API key is not valid');
    return this.#ownScope(key, key.keyId, key.scope, headers, remoteAddress);
  }

  async #ownScope(
    sender: IngestPrincipal,
    keyId: string | undefined,
    scope: VerifiedApiKey['scope'],
    headers: IngestHeaders,
    remoteAddress: string,
  ): Promise<IngestPrincipal> {
    try {
      return await this.#narrowed(sender, scope, headers);
    } catch (error) {
      if (error instanceof IngestAuthError) {
        this.options.onForeignScope?.({ sender, keyId, headers, remoteAddress, detail: error.message });
      }
      throw error;
    }
  }

  async #narrowed(
    own: IngestPrincipal,
    scope: VerifiedApiKey['scope'],
    headers: IngestHeaders,
  ): Promise<IngestPrincipal> {
    requireOwn('x-organization-id', own.organizationId, headers);
    requireOwn('x-workspace-id', own.workspaceId, headers);
    const tenantId = asserted('x-tenant-id', headers);
    const { tenants } = this.options;
    if (tenantId === undefined || tenantId === own.tenantId) return own;
    if (scope === 'workspace' && tenants !== undefined && UUID.test(tenantId)) {
      const tenant = await tenants.tenant(tenantId);
      if (tenant?.workspaceId === own.workspaceId) return { ...own, tenantId };
    }
    throw outside('x-tenant-id');
  }
}

function asserted(name: string, headers: IngestHeaders): string | undefined {
  const value = headers[name];
  return value === undefined || value === '' ? undefined : String(value).toLowerCase();
}

function requireOwn(name: string, ownId: string, headers: IngestHeaders): void {
  const value = asserted(name, headers);
  if (value !== undefined && value !== ownId) throw outside(name);
}

function outside(name: string): IngestAuthError {
  return new IngestAuthError(403, `${name} is not within the API key's scope`);
}

/** A browser is no local program: any web page can make it send to loopback. */
function isLocalProgram(headers: IngestHeaders, remoteAddress: string): boolean {
  const isLoopback = /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(remoteAddress) || remoteAddress === '::1';
  return isLoopback && headers['origin'] === undefined && PROXY_HEADERS.every((name) => headers[name] === undefined);
}
