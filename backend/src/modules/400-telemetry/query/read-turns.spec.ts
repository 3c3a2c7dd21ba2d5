import { describe, expect, it } from 'vitest';
import { ReadTurns } from './read-turns.js';

const LIMITS = { concurrency: 3, tenantConcurrency: 2, tenantWaiting: 3 };

/** Questions that stay under way until they are answered. */
function questions(turns: ReadTurns) {
  const begun: string[] = [];
  const open = new Map<string, () => void>();
  const ask = (tenant: string, name: string, signal?: AbortSignal) =>
    turns.run(
      tenant,
      async () => {
        begun.push(name);
        const { promise, resolve } = Promise.withResolvers<void>();
        open.set(name, resolve);
        await promise;
        return name;
      },
      signal,
    );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const answer = async (name: string) => {
    open.get(name)?.();
    await settle();
  };
  return { begun, ask, answer, settle };
}

describe('turns', () => {
  it('hold so many for a tenant, and so many for all', async () => {
    const { begun, ask, answer } = questions(new ReadTurns(LIMITS));
    const all = [ask('a', 'a1'), ask('a', 'a2'), ask('a', 'a3'), ask('b', 'b1'), ask('b', 'b2')];
    expect(begun).toEqual(['a1', 'a2', 'b1']);
    await answer('a1');
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3']);
    await answer('a2');
    expect(begun).toEqual(['a1', 'a2', 'b1', 'a3', 'b2']);
    for (const name of ['a3', 'b1', 'b2']) await answer(name);
    expect(await Promise.all(all)).toEqual(['a1', 'a2', 'a3', 'b1', 'b2']);
  });

  it('go around among those who wait', async () => {
    const { begun, ask, answer } = questions(new ReadTurns({ concurrency: 1, tenantConcurrency: 1, tenantWaiting: 9 }));
    const all = [ask('a', 'a1'), ask('a', 'a2'), ask('a', 'a3'), ask('b', 'b1'), ask('c', 'c1'), ask('b', 'b2')];
    for (const name of ['a1', 'a2', 'b1', 'c1', 'a3', 'b2']) await answer(name);
    await Promise.all(all);
    expect(begun).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2']);
  });

  it('refuse whom too many wait before, and tell when to come back', async () => {
    const { ask, answer } = questions(new ReadTurns(LIMITS));
    const all = [1, 2, 3, 4, 5].map((n) => ask('a', `a${n}`));
    await expect(ask('a', 'a6')).rejects.toMatchObject({ code: 'RATE_LIMIT_EXCEEDED', retryAfterSeconds: 1 });
    for (const n of [1, 2, 3, 4, 5]) await answer(`a${n}`);
    await Promise.all(all);
    const again = ask('a', 'a7');
    await answer('a7');
    expect(await again).toBe('a7');
  });

  it('forget those who leave, and those who fail', async () => {
    const turns = new ReadTurns({ concurrency: 1, tenantConcurrency: 1, tenantWaiting: 9 });
    const { begun, ask, answer, settle } = questions(turns);
    const first = ask('a', 'a1');
    const gone = new AbortController();
    const left = ask('a', 'a2', gone.signal);
    const third = ask('a', 'a3');
    gone.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    await answer('a1');
    await settle();
    expect(begun).toEqual(['a1', 'a3']);
    await answer('a3');
    await Promise.all([first, third]);
    await expect(turns.run('b', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await turns.run('b', async () => 'whole')).toBe('whole');
  });
});
