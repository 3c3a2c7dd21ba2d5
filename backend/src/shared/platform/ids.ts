import { randomBytes } from 'node:crypto';

/** 12 bits lie between the milliseconds and the rest. */
const MAX_COUNT = 0xfff;

let lastMs = 0;
let count = 0;

/**
 * A UUIDv7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, a counter, then random bits. Sorts by creation time; ids
 * that one process makes in the same millisecond sort as they were made, the first two thousand at least.
 */
export function newId(nowMs: number = Date.now()): string {
  const bytes = randomBytes(16);
  // Begins anywhere in the lower half (section 6.2, method 1), so that there is room above.
  count = nowMs === lastMs ? Math.min(count + 1, MAX_COUNT) : bytes.readUInt16BE(6) & (MAX_COUNT >> 1);
  lastMs = nowMs;
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | count, 6);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
