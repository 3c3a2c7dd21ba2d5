import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Setup } from './engine.js';
import { AUTHENTICATION_FAILED, ClickHouseException, NOT_IMPLEMENTED } from './errors.js';
import { HANDED_FILE_HEADER } from './spool.js';
import { identifier, literal } from './sql.js';

/** Parameters of ClickHouse's HTTP interface that are not settings. */
const NOT_SETTINGS = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'user',
  'password',
  'session_id',
  'session_timeout',
  'session_check',
  'quota_key',
  'stacktrace',
  'role',
  'compress',
  'decompress',
  'buffer_size',
  'wait_end_of_query',
  'enable_http_compression',
  'close_session',
  'client_protocol_version',
  'output_format_parallel_formatting_max_threads',
]);

/** What a request asks for besides its body. */
export interface RequestOptions {
  readonly query: string;
  readonly queryId: string | undefined;
  readonly database: string | undefined;
  readonly defaultFormat: string;
  readonly compressResponse: boolean;
  /** Name of the file in the spool folder that holds an insert's rows instead of the body. */
  readonly handedFile: string | undefined;
  readonly settings: ReadonlyMap<string, string>;
  readonly params: ReadonlyMap<string, string>;
}

/** Reads the URL (and the fields of a multipart body, which win). Throws for what this server cannot do. */
export function readOptions(
  req: IncomingMessage,
  url: URL,
  fields: ReadonlyMap<string, string> = new Map(),
): RequestOptions {
  const all = new Map([...url.searchParams, ...fields]);
  for (const name of ['compress', 'decompress']) {
    if (all.get(name) === '1') {
      throw new ClickHouseException(
        NOT_IMPLEMENTED,
        `Parameter '${name}=1' (native block compression) is not supported, use HTTP compression. (NOT_IMPLEMENTED)`,
      );
    }
  }
  const settings = new Map<string, string>();
  const params = new Map<string, string>();
  for (const [name, value] of all) {
    if (name.startsWith('param_')) params.set(name.slice('param_'.length), value);
    else if (!NOT_SETTINGS.has(name)) settings.set(name, value);
  }
  // As in ClickHouse: GET may read and change settings, not write.
  if (req.method === 'GET' && !['1', '2'].includes(settings.get('readonly') ?? '')) settings.set('readonly', '2');
  return {
    query: all.get('query') ?? '',
    queryId: all.get('query_id') || header(req, 'x-clickhouse-query-id'),
    database: all.get('database') || header(req, 'x-clickhouse-database'),
    defaultFormat: all.get('default_format') || header(req, 'x-clickhouse-format') || 'TabSeparated',
    compressResponse: all.get('enable_http_compression') === '1',
    handedFile: header(req, HANDED_FILE_HEADER),
    settings,
    params,
  };
}

/**
 * What brings a connection into the state the request wants. After a SELECT of a request that may not write, the connection
 * is as it was before, and may serve requests that name the same settings and parameters: all their values are set anew.
 */
export function setupOf(options: RequestOptions, defaults: Readonly<Record<string, string>>): Setup {
  const { readonly = '0', ...others } = { ...defaults, ...Object.fromEntries(options.settings) };
  const assignments = [
    ...Object.entries(others).map(([name, value]) => [settingName(name), value] as const),
    ...[...options.params].map(([name, value]) => [`param_${settingName(name)}`, value] as const),
  ];
  const use = options.database === undefined ? [] : [`USE ${identifier(options.database)}`];
  const values =
    assignments.length === 0
      ? []
      : [`SET ${assignments.map(([name, value]) => `${name} = ${literal(value)}`).join(', ')}`];
  // `readonly` comes last: the value 1 forbids every other SET.
  const fresh = [...use, ...values, ...(readonly === '0' ? [] : [`SET readonly = ${literal(readonly)}`])];
  if (readonly !== READS_AND_SETS) return { fresh };
  const shape = JSON.stringify([options.database ?? null, ...assignments.map(([name]) => name).toSorted()]);
  return { fresh, reuse: { shape, again: values } };
}

/** The value of `readonly` that forbids writing and allows to change settings. */
const READS_AND_SETS = '2';

function settingName(name: string): string {
  if (/^\w+$/.test(name)) return name;
  throw new ClickHouseException(115, `Unknown setting ${literal(name)}. (UNKNOWN_SETTING)`);
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Throws AUTHENTICATION_FAILED (516) unless headers, Basic auth or URL carry the right user and password. */
export function authenticate(req: IncomingMessage, url: URL, expected: Credentials): void {
  const basic = /^Basic (.+)$/i.exec(req.headers.authorization ?? '')?.[1];
  const decoded = basic === undefined ? undefined : Buffer.from(basic, 'base64').toString('utf8');
  const split = decoded?.indexOf(':') ?? -1;
  const username =
    header(req, 'x-clickhouse-user') ??
    (split >= 0 ? decoded?.slice(0, split) : undefined) ??
    url.searchParams.get('user') ??
    'default';
  const password =
    header(req, 'x-clickhouse-key') ??
    (split >= 0 ? decoded?.slice(split + 1) : undefined) ??
    url.searchParams.get('password') ??
    '';
  const right = equals(username, expected.username);
  if (!equals(password, expected.password) || !right) {
    throw new ClickHouseException(
      AUTHENTICATION_FAILED,
      `${username.slice(0, 64)}: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)`,
    );
  }
}

function equals(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}
