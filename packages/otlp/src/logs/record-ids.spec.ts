import { describe, expect, it } from 'vitest';
import { RecordIds } from './record-ids.js';

const take = (ids: RecordIds, count: number): bigint[] =>
  Array.from({ length: count }, () => {
    const id = (BigInt(ids.hi) << 32n) | BigInt(ids.lo >>> 0);
    ids.advance();
    return id;
  });

describe('record ids', () => {
  it('rise, over the end of the low half too', () => {
    // 2^20 milliseconds are 2^32 ids.
    const ids = take(new RecordIds(2 ** 20 * 400_000 - 1, 3), 1000);
    expect(ids.every((id, i) => i === 0 || id > ids[i - 1]!)).toBe(true);
    expect(ids[0]! >> 32n).toBe(399_999n);
    expect(ids.at(-1)! >> 32n).toBe(400_000n);
  });

  it('of threads that began in the same millisecond are never the same', () => {
    const now = Date.UTC(2026, 0, 1);
    const all = Array.from({ length: 16 }, (_, thread) => take(new RecordIds(now, thread), 500)).flat();
    expect(new Set(all).size).toBe(all.length);
  });

  it('of a later start are higher, after up to 256 records per millisecond', () => {
    const now = Date.UTC(2026, 0, 1);
    const before = take(new RecordIds(now, 15), 256);
    expect(take(new RecordIds(now + 1, 0), 1)[0]! > before.at(-1)!).toBe(true);
  });
});
