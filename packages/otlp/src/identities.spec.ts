import { describe, expect, it } from 'vitest';
import { U64Set } from './identities.js';

describe('a set of 64-bit values', () => {
  it('has what was added and nothing else', () => {
    const set = new U64Set();
    const value = (i: number): [number, number] => [Math.imul(i, 0x9e3779b1), i];
    for (let i = 1; i <= 5000; i++) set.add(...value(i));
    expect(set.size).toBe(5000);
    for (let i = 1; i <= 5000; i++) expect(set.has(...value(i))).toBe(true);
    for (let i = 5001; i <= 9000; i++) expect(set.has(...value(i))).toBe(false);
  });

  it('takes only so many that were chosen for their place, so that nobody searches for long', () => {
    const set = new U64Set();
    for (let i = 1; i <= 10_000; i++) set.add(7, i);
    expect(set.size).toBeLessThan(1000);
    expect(set.has(7, 1)).toBe(true);
    expect(set.has(7, 10_000)).toBe(false);
    set.add(1_000_003, 5);
    expect(set.has(1_000_003, 5)).toBe(true);
  });
});
