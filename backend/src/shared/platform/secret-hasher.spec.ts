import { describe, expect, it } from 'vitest';
import { runInScope, type RequestScope } from './request-scope.js';
import { SecretHasher } from './secret-hasher.js';

const SALT = Buffer.alloc(16, 7);

/** Runs of these scopes in this order, on one place; answers in which order they were done. */
async function order(hasher: SecretHasher, scopes: readonly RequestScope[]): Promise<string[]> {
  const done: string[] = [];
  await Promise.all(
    scopes.map((scope) =>
      runInScope(scope, async () => {
        await hasher.hashWithSalt('secret', SALT);
        done.push(scope.userId ?? scope.client ?? '');
      }),
    ),
  );
  return done;
}
const person = (userId: string): RequestScope => ({ requestId: 'r', client: 'one network', userId });
const stranger = (client: string): RequestScope => ({ requestId: 'r', client });

describe('SecretHasher', () => {
  it('serves those who wait in turns, however much one of them asks for', async () => {
    const hasher = new SecretHasher({ concurrency: 1, maxQueued: 100 });
    const greedy = Array.from({ length: 6 }, () => person('greedy'));
    const done = await order(hasher, [...greedy, person('late'), stranger('elsewhere')]);
    expect(done).toEqual(['greedy', 'greedy', 'late', 'elsewhere', 'greedy', 'greedy', 'greedy', 'greedy']);
  });

  it('lets one caller fill their own part of the queue only', async () => {
    const hasher = new SecretHasher({ concurrency: 1, maxQueued: 5, maxQueuedPerCaller: 2 });
    const ask = (scope: RequestScope) => runInScope(scope, () => hasher.hashWithSalt('secret', SALT));
    const greedy = await Promise.allSettled([
      ...Array.from({ length: 5 }, () => ask(stranger('greedy'))),
      ask(stranger('elsewhere')),
    ]);
    expect(greedy.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
  });

  it('gives up its place whatever becomes of a run', async () => {
    const hasher = new SecretHasher({ concurrency: 1, maxQueued: 5 });
    const broken = [hasher.verify('no hash', 'x'), hasher.verify('no hash', 'x')];
    for (const run of broken) await expect(run).rejects.toBeInstanceOf(Error);
    expect(await hasher.verify(await hasher.hash('a secret'), 'a secret')).toBe(true);
    expect(await hasher.verify(await hasher.hash('a secret'), 'another')).toBe(false);
  });
});
