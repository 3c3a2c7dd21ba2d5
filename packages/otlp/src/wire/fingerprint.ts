import type { ByteSource } from './row-writer.js';

/**
 * A 64-bit non-cryptographic hash in two 32-bit lanes, over bytes, without strings or BigInt. It names resources,
 * scopes and series in stored rows, so it is part of the storage format: changing it only costs new identities, never
 * wrong ones, because rows carry the identity that was current when they were written.
 *
 * Each 32-bit word goes through both lanes with a different multiplier and shift; `finish` crosses the lanes and runs
 * murmur3's finaliser over each. A set (attributes) is the lane-wise sum modulo 2^32 of its members' finished hashes,
 * which makes the order of members irrelevant.
 */
export class Fingerprint {
  lo = 0;
  hi = 0;

  begin(seed: number): void {
    this.lo = seed ^ 0x9e3779b9;
    this.hi = Math.imul(seed, 0x85ebca6b) ^ 0x7f4a7c15;
  }

  word(word: number): void {
    const a = Math.imul(this.lo ^ word, 0xcc9e2d51);
    const b = Math.imul(this.hi + word, 0x1b873593);
    this.lo = a ^ (a >>> 15);
    this.hi = b ^ (b >>> 13);
  }

  /** Adds a byte range and its length, so that neighbouring ranges cannot trade bytes. */
  range(source: ByteSource, start: number, end: number): void {
    const { view, bytes } = source;
    let a = Math.imul(this.lo ^ (end - start), 0xcc9e2d51);
    let b = Math.imul(this.hi + (end - start), 0x1b873593);
    a ^= a >>> 15;
    b ^= b >>> 13;
    let p = start;
    for (; p + 4 <= end; p += 4) {
      const word = view.getInt32(p, true);
      a = Math.imul(a ^ word, 0xcc9e2d51);
      b = Math.imul(b + word, 0x1b873593);
      a ^= a >>> 15;
      b ^= b >>> 13;
    }
    if (p < end) {
      let word = bytes[p];
      if (p + 1 < end) word |= bytes[p + 1] << 8;
      if (p + 2 < end) word |= bytes[p + 2] << 16;
      a = Math.imul(a ^ word, 0xcc9e2d51);
      b = Math.imul(b + word, 0x1b873593);
      a ^= a >>> 15;
      b ^= b >>> 13;
    }
    this.lo = a;
    this.hi = b;
  }

  /** Never 0: zero marks an empty slot in identity sets. */
  finish(): void {
    const a = finalise(this.lo + Math.imul(this.hi, 0x2545f491));
    const b = finalise(this.hi ^ Math.imul(a, 0x9e3779b1));
    this.lo = a === 0 && b === 0 ? 1 : a;
    this.hi = b;
  }
}

function finalise(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}
