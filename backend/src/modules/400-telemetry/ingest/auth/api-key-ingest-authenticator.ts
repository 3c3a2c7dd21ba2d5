import {
  IngestAuthError,
  type IngestAuthenticator,
  type IngestHeaders,
  type IngestPrincipal,
} from './ingest-authenticator.js';

/** What a verified key says about its bearer. */
export interface VerifiedApiKey {
  readonly apiKeyId: string;
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
  readonly permissions: ReadonlySet<string>;
}

export interface ApiKeyIngestOptions {
  /** `null` when the headers hold no key that is valid now. */
  readonly keys: { authenticate(headers: IngestHeaders): Promise<VerifiedApiKey | null> };
  /** Whom loopback peers without any credential send for; absent: nobody. */
  readonly anonymous?: () => Promise<IngestPrincipal>;
}

const CREDENTIAL_HEADERS = [
  'authorization',
  'x-api-key',
  'x-api-key-id',
  'x-api-key-secret',
  'x-telemetryflow-key-id',
  'x-telemetryflow-key-secret',
];
/** A request with one of these came through a proxy: the peer's address says nothing about the sender. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** API keys decide who sends; headers that name a scope may only confirm the key's own. */
export class ApiKeyIngestAuthenticator implements IngestAuthenticator {
  constructor(private readonly options: ApiKeyIngestOptions) {}

  async authenticate(headers: IngestHeaders, remoteAddress: string): Promise<IngestPrincipal> {
    const { keys, anonymous } = this.options;
    const hasCredential = CREDENTIAL_HEADERS.some((name) => headers[name] !== undefined);
    if (!hasCredential) {
      if (anonymous !== undefined && isLocalProgram(headers, remoteAddress)) return within(await anonymous(), headers);
      throw new IngestAuthError(401, 'An API key is required: send X-API-Key-ID and X-API-Key-Secret');
    }
    const key = await keys.authenticate(headers);
    if (key === null) throw new IngestAuthError(401, 'The API key is not valid');
    return within(key, headers);
  }
}

function within<T extends { readonly tenantId: string; readonly workspaceId: string; readonly organizationId: string }>(
  own: T,
  headers: IngestHeaders,
): T {
  const asserted = [
    ['x-tenant-id', own.tenantId],
    ['x-workspace-id', own.workspaceId],
    ['x-organization-id', own.organizationId],
  ] as const;
  for (const [name, ownId] of asserted) {
    const value = headers[name];
    if (value !== undefined && value !== '' && String(value).toLowerCase() !== ownId.toLowerCase()) {
      throw new IngestAuthError(403, `${name} is not within the API key's scope`);
    }
  }
  return own;
}

/** A browser is no local program: any web page can make it send to loopback. */
function isLocalProgram(headers: IngestHeaders, remoteAddress: string): boolean {
  const isLoopback = /^(?:::ffff:)?127\.\d+\.\d+\.\d+$/.test(remoteAddress) || remoteAddress === '::1';
  return isLoopback && headers['origin'] === undefined && PROXY_HEADERS.every((name) => headers[name] === undefined);
}
