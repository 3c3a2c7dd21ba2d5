import { describe, expect, it } from 'vitest';
import { ExpiringMap } from './expiring-map.js';

function mapAt(clock: { now: number }, maxEntries = 10) {
  return new ExpiringMap<string>({ ttlMs: 100, maxEntries, now: () => clock.now });
}

describe('ExpiringMap', () => {
  it('forgets after its time, and beyond its size', () => {
    const clock = { now: 0 };
    const map = mapAt(clock, 2);
    map.set('a', '1');
    clock.now = 99;
    expect(map.get('a')).toBe('1');
    clock.now = 100;
    expect(map.get('a')).toBeUndefined();
    for (const key of ['x', 'y', 'z']) map.set(key, key);
    expect([map.get('x'), map.get('y'), map.get('z')]).toEqual([undefined, 'y', 'z']);
  });

  it('shares one load among all who ask meanwhile, and remembers no failure', async () => {
    const map = mapAt({ now: 0 });
    let loads = 0;
    const load = async () => `${(loads += 1)}`;
    expect(await Promise.all([map.load('a', load), map.load('a', load)])).toEqual(['1', '1']);
    expect(await map.load('a', load)).toBe('1');
    await expect(map.load('b', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await map.load('b', load)).toBe('2');
  });

  it('does not store what a load began to read before the eviction', async () => {
    const map = mapAt({ now: 0 });
    const stale = Promise.withResolvers<string>();
    const loading = map.load('a', () => stale.promise);
    map.delete('a');
    const fresh = map.load('a', async () => 'fresh');
    stale.resolve('stale');
    expect([await loading, await fresh]).toEqual(['stale', 'fresh']);
    expect(map.get('a')).toBe('fresh');
  });
});
