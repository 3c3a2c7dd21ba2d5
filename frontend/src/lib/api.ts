import type { FieldError, TokenResponse } from '@telemetryflow/contracts';
import { promiseTimeout } from '@vueuse/core';

/** Every failure of a call. `status` is 0 and `code` is `NETWORK` when no answer came at all. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly requestId: string,
    readonly errors: readonly FieldError[] = [],
  ) {
    super(detail);
  }
}

export type QueryValue = string | number | boolean | null | undefined | readonly string[];

export interface CallOptions {
  /** Null, undefined and empty text are left out; an array repeats its key. */
  query?: Record<string, QueryValue>;
  signal?: AbortSignal;
  /** The call goes on when the page is left meanwhile. */
  keepalive?: boolean;
}

export interface ApiClient {
  /** Paths are relative to `/api/v2`: `api.get<TracesResponse>('/telemetry/traces', { query })`. */
  get<T>(path: string, options?: CallOptions): Promise<T>;
  /** A `FormData` is sent as it is, every other body as JSON. */
  post<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  put<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  patch<T>(path: string, body?: unknown, options?: CallOptions): Promise<T>;
  delete<T = void>(path: string, options?: CallOptions): Promise<T>;
  /** A file of any type, as it comes. */
  download(path: string, options?: CallOptions): Promise<Blob>;
  /** Trades the refresh cookie for an access token. Calls made meanwhile wait for the same trade. */
  refresh(): Promise<TokenResponse>;
  /** The access token lives here, in memory, and nowhere else. */
  setAccessToken(token: string | null): void;
  /** Sent as `X-Tenant-Id`; null leaves the choice to the token. */
  setTenant(tenantId: string | null): void;
  /** For what does not go over `fetch`: the handshake of the socket. */
  credentials(): { readonly token: string | null; readonly tenantId: string | null };
  /** Called when a call is refused and the refresh cookie no longer helps. */
  onSessionLost(listener: () => void): void;
  /** Called with true after an answer, with false when the server can't be reached. */
  onReachable(listener: (reachable: boolean) => void): void;
}

const BASE = '/api/v2';
/** Until then the cookie of a trade that was won is there. */
const RACE_MS = 300;
/** Calls whose 401 is their answer, never a reason to refresh. */
const CREDENTIAL_PATHS = new Set(['/auth/login', '/auth/verify-mfa', '/auth/refresh', '/auth/logout']);

export function createApiClient(fetcher: typeof fetch = (...args) => fetch(...args)): ApiClient {
  let accessToken: string | null = null;
  let tenantId: string | null = null;
  let refreshing: Promise<TokenResponse> | null = null;
  let sessionLost: () => void = () => undefined;
  let reachable: (isReachable: boolean) => void = () => undefined;

  async function send(method: string, path: string, body: unknown, options: CallOptions): Promise<Response> {
    const requestId = crypto.randomUUID();
    const headers: Record<string, string> = {
      Accept: 'application/json',
      'X-Request-ID': requestId,
      'X-Client': 'browser',
    };
    if (accessToken !== null) headers['Authorization'] = `Bearer ${accessToken}`;
    if (tenantId !== null) headers['X-Tenant-Id'] = tenantId;
    // A form of parts names its own type, with the boundary that only the browser knows.
    const isForm = body instanceof FormData;
    if (body !== undefined && !isForm) headers['Content-Type'] = 'application/json';
    let response: Response;
    try {
      response = await fetcher(BASE + path + queryText(options.query), {
        method,
        headers,
        credentials: 'same-origin',
        // The cookie that comes with the answer must arrive even when the page is left meanwhile: the old one is spent.
        keepalive: options.keepalive ?? CREDENTIAL_PATHS.has(path),
        ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      reachable(false);
      throw new ApiError(0, 'NETWORK', error instanceof Error ? error.message : String(error), requestId);
    }
    reachable(!isGatewayFailure(response));
    if (response.ok) return response;
    throw await toApiError(response, requestId);
  }

  async function call<T>(
    method: string,
    path: string,
    body: unknown,
    options: CallOptions = {},
    read: (response: Response) => Promise<T> = parse,
  ): Promise<T> {
    const token = accessToken;
    try {
      return await read(await send(method, path, body, options));
    } catch (error) {
      if (!isSpentToken(error) || CREDENTIAL_PATHS.has(path)) throw error;
      // Another call may have refreshed while this one was under way; then the new token is simply tried.
      if (token === accessToken) await refreshOrLeave(error);
      return read(await send(method, path, body, options));
    }
  }

  async function refreshOrLeave(cause: ApiError): Promise<void> {
    try {
      await refresh();
    } catch (error) {
      // A server that can't answer has not ended the session; only its refusal has.
      if (error instanceof ApiError && error.status !== 401) throw error;
      accessToken = null;
      sessionLost();
      throw cause;
    }
  }

  /**
   * A page that is left while it trades (reloaded twice, a link followed at once) gives its turn away, but its trade goes on:
   * the next page's may lose against it, and succeeds with the cookie that the first one brings.
   */
  async function trade(): Promise<TokenResponse> {
    try {
      return await call<TokenResponse>('POST', '/auth/refresh', {});
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'REFRESH_TOKEN_RACED') throw error;
      await promiseTimeout(RACE_MS);
      return call<TokenResponse>('POST', '/auth/refresh', {});
    }
  }

  function refresh(): Promise<TokenResponse> {
    refreshing ??= acrossTabs(trade)
      .then((tokens) => {
        accessToken = tokens.access_token;
        return tokens;
      })
      .finally(() => {
        refreshing = null;
      });
    return refreshing;
  }

  return {
    get: (path, options) => call('GET', path, undefined, options),
    post: (path, body, options) => call('POST', path, body ?? {}, options),
    put: (path, body, options) => call('PUT', path, body ?? {}, options),
    patch: (path, body, options) => call('PATCH', path, body ?? {}, options),
    delete: (path, options) => call('DELETE', path, undefined, options),
    download: (path, options) => call('GET', path, undefined, options, (response) => response.blob()),
    refresh,
    setAccessToken: (token) => void (accessToken = token),
    setTenant: (id) => void (tenantId = id),
    credentials: () => ({ token: accessToken, tenantId }),
    onSessionLost: (listener) => void (sessionLost = listener),
    onReachable: (listener) => void (reachable = listener),
  };
}

/**
 * Tabs share one cookie, and a refresh token used twice ends the whole session: so tabs take turns, and each sends the
 * cookie that the one before it received.
 */
function acrossTabs<T>(trade: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks;
  return locks === undefined ? trade() : locks.request('tf-refresh', trade);
}

/**
 * A refusal that a new access token may undo. A wrong password or code given by somebody who is logged in is a 401 too,
 * but asking again would only count as another failure.
 */
function isSpentToken(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 401 && !error.code.startsWith('AUTH_');
}

/** What a proxy answers when the server behind it is away: a 5xx that is not ours. */
function isGatewayFailure(response: Response): boolean {
  return response.status >= 502 && response.status <= 504 && !isJson(response);
}

function isJson(response: Response): boolean {
  return /\bjson\b/.test(response.headers.get('content-type') ?? '');
}

async function parse<T>(response: Response): Promise<T> {
  if (response.status === 204 || !isJson(response)) return undefined as T;
  return (await response.json()) as T;
}

async function toApiError(response: Response, requestId: string): Promise<ApiError> {
  const fallback = new ApiError(response.status, `HTTP_${response.status}`, response.statusText, requestId);
  if (!isJson(response)) return fallback;
  const problem: unknown = await response.json().catch(() => null);
  if (typeof problem !== 'object' || problem === null) return fallback;
  const { code, detail, requestId: answered, errors } = problem as Record<string, unknown>;
  return new ApiError(
    response.status,
    typeof code === 'string' ? code : fallback.code,
    typeof detail === 'string' ? detail : fallback.detail,
    typeof answered === 'string' ? answered : requestId,
    Array.isArray(errors) ? (errors as FieldError[]) : [],
  );
}

function queryText(query: Record<string, QueryValue> = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '') continue;
    if (typeof value === 'object') value.forEach((item) => params.append(key, item));
    else params.set(key, String(value));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** The application's one client. */
export const api = createApiClient();
