import { IngestAuthError, type IngestHeaders } from './ingest-authenticator.js';

const SINGLE_VALUED = [
  'authorization',
  'x-api-key',
  'x-api-key-id',
  'x-api-key-secret',
  'x-telemetryflow-key-id',
  'x-telemetryflow-key-secret',
  'x-organization-id',
  'x-workspace-id',
  'x-tenant-id',
];

/**
 * Credentials and scope as one value each. Some clients send gRPC metadata twice; it arrives as a list or joined
 * ("a, a"). The copies have to be equal.
 *
 * @throws IngestAuthError 401 when they are not
 */
export function singleValuedHeaders(headers: IngestHeaders): IngestHeaders {
  let single = headers;
  for (const name of SINGLE_VALUED) {
    const value = headers[name];
    if (value === undefined || isSingle(value)) continue;
    if (single === headers) single = { ...headers };
    single[name] = theOne(name, Array.isArray(value) ? value : [value]);
  }
  return single;
}

/** Nearly always: then nothing is copied. */
function isSingle(value: string | string[]): boolean {
  return typeof value === 'string' && !value.includes(',') && !value.startsWith(' ') && !value.endsWith(' ');
}

function theOne(name: string, values: readonly string[]): string | undefined {
  const copies = values.flatMap((value) => value.split(',')).map((value) => value.trim());
  if (copies.some((copy) => copy !== copies[0])) throw new IngestAuthError(401, `${name} has several values`);
  return copies[0];
}
