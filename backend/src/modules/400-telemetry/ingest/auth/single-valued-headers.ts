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
  const single: IngestHeaders = { ...headers };
  for (const name of SINGLE_VALUED) {
    const value = headers[name];
    if (value === undefined) continue;
    const copies = (Array.isArray(value) ? value : [value]).flatMap((v) => v.split(',')).map((v) => v.trim());
    if (copies.some((copy) => copy !== copies[0])) throw new IngestAuthError(401, `${name} has several values`);
    single[name] = copies[0];
  }
  return single;
}
