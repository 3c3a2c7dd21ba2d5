import type { RowWriter } from '../wire/row-writer.js';

const ALPHABET = Uint8Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (c) =>
  c.charCodeAt(0),
);
const PAD = 0x3d;

/** Writes a byte range as padded base64 (RFC 4648 section 4), without a length: ceil(n / 3) * 4 bytes. */
export function writeBase64(out: RowWriter, bytes: Uint8Array, start: number, end: number): void {
  const target = out.bytes;
  let { pos } = out;
  for (let p = start; p < end; p += 3) {
    const left = end - p;
    const group = (bytes[p] << 16) | (left > 1 ? bytes[p + 1] << 8 : 0) | (left > 2 ? bytes[p + 2] : 0);
    target[pos] = ALPHABET[group >>> 18];
    target[pos + 1] = ALPHABET[(group >>> 12) & 63];
    target[pos + 2] = left > 1 ? ALPHABET[(group >>> 6) & 63] : PAD;
    target[pos + 3] = left > 2 ? ALPHABET[group & 63] : PAD;
    pos += 4;
  }
  out.pos = pos;
}
