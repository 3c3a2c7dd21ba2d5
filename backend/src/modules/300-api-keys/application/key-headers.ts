import { type KeyCredential, parseCredential } from '../domain/key-credential.js';

/** HTTP headers or gRPC metadata, names in lower case. */
export type CredentialHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

const PAIRS = [
  ['x-telemetryflow-key-id', 'x-telemetryflow-key-secret'],
  ['x-api-key-id', 'x-api-key-secret'],
] as const;
/** `Bearer id:secret`, `Bearer id.secret`, and both without scheme or with `/`. */
const JOINED = /^(?:(?:bearer|apikey)\s+)?(tfk[-_][^.:/\s]*)[.:/](\S+)$/i;
const BASIC = /^basic\s+([A-Za-z0-9+/_-]+=*)$/i;

/**
 * Finds the key in any of the header families that clients send (telemetry.md 2.3). A pair of headers goes before
 * `Authorization`, which goes before `X-API-Key`: SDKs send the first two at once. Null: no well-formed key.
 */
export function keyCredentialOf(headers: CredentialHeaders): KeyCredential | null {
  for (const [idName, secretName] of PAIRS) {
    const keyId = single(headers[idName]);
    const keySecret = single(headers[secretName]);
    if (keyId !== null && keySecret !== null) return parseCredential(keyId, keySecret);
  }
  return joined(single(headers['authorization'])) ?? joined(single(headers['x-api-key']));
}

/** Whether the caller means to present a key, well-formed or not; a bearer JWT is none. */
export function presentsKey(headers: CredentialHeaders): boolean {
  if (PAIRS.flat().some((name) => headers[name] !== undefined) || headers['x-api-key'] !== undefined) return true;
  return /^(?:(?:bearer|apikey)\s+)?tfk|^basic\s/i.test(first(headers['authorization']));
}

function joined(value: string | null): KeyCredential | null {
  if (value === null) return null;
  const encoded = BASIC.exec(value)?.[1];
  const text = encoded === undefined ? value : Buffer.from(encoded, 'base64').toString('utf8');
  const [, keyId, keySecret] = JOINED.exec(text) ?? [];
  return keyId === undefined || keySecret === undefined ? null : parseCredential(keyId, keySecret);
}

function first(value: string | readonly string[] | undefined): string {
  return (typeof value === 'string' ? value : (value?.[0] ?? '')).trim();
}

/**
 * The one value of a header. Some gRPC clients send metadata twice, which arrives as an array or as `a, a`: all must
 * agree, else there is no value.
 */
function single(value: string | readonly string[] | undefined): string | null {
  if (value === undefined) return null;
  const parts = (typeof value === 'string' ? [value] : value).flatMap((part) => part.split(',')).map((p) => p.trim());
  const [only, ...others] = new Set(parts);
  return only === undefined || only === '' || others.length > 0 ? null : only;
}
