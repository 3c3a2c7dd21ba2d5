import type { IngestHeaders } from '../auth/ingest-authenticator.js';
import { IngestError } from '../ingest-error.js';

/** `google.rpc.Code` of what is answered here without an IngestError. */
export const GRPC_OK = 0;
export const GRPC_UNIMPLEMENTED = 12;
const MESSAGE_MAX_BYTES = 1024;
const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/**
 * The metadata of a call from the raw header list of its stream. A key that came several times keeps all its values;
 * `-bin` keys, whose values are base64, keep their text.
 */
export function headersOf(rawHeaders: readonly string[]): IngestHeaders {
  const headers: IngestHeaders = {};
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    const value = rawHeaders[i + 1] ?? '';
    if (name.charCodeAt(0) === 0x3a) continue; // a pseudo-header
    const known = headers[name];
    if (known === undefined) headers[name] = value;
    else if (Array.isArray(known)) known.push(value);
    else headers[name] = [known, value];
  }
  return headers;
}

/** One value of a header that has one. */
export function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

/**
 * The time that a client gives the call, in milliseconds; `undefined` without a limit. `TimeoutValue TimeoutUnit`:
 * at most 8 digits and one of H M S m u n.
 *
 * @throws IngestError `bad_data`
 */
export function timeoutMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const [, digits = '', unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? [];
  const factor = UNIT_MS[unit];
  if (factor === undefined) {
    throw new IngestError('bad_data', `grpc-timeout is "${header}": send at most 8 digits and a unit, such as 10S`);
  }
  return Number(digits) * factor;
}

/** `grpc-message`: UTF-8, where everything but printable ASCII, and the percent sign, is percent-encoded. */
export function encodeMessage(message: string): string {
  let encoded = '';
  for (const byte of Buffer.from(message, 'utf8').subarray(0, MESSAGE_MAX_BYTES)) {
    encoded +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** The value of a `-bin` key: base64 without padding. */
export function encodeBinary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64').replace(/=+$/, '');
}
