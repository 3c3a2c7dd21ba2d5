import { describe, expect, it } from 'vitest';
import { Lane } from './lanes.js';

describe('Lane', () => {
  it('runs as many tasks at a time as it is wide, in order', async () => {
    const lane = new Lane(2);
    const order: number[] = [];
    let most = 0;
    const task = (n: number) => async () => {
      most = Math.max(most, lane.running);
      order.push(n);
      await Promise.resolve();
    };
    await Promise.all([1, 2, 3, 4, 5].map((n) => lane.run(task(n))));
    expect(most).toBe(2);
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  it('drops a waiting task whose client is gone, and gives its turn to the next', async () => {
    const lane = new Lane(1);
    const first = Promise.withResolvers<void>();
    const running = lane.run(() => first.promise);
    const gone = new AbortController();
    const dropped = lane.run(() => Promise.reject(new Error('must not run')), gone.signal);
    const next = lane.run(() => Promise.resolve('ran'));
    gone.abort(new Error('gone'));
    await expect(dropped).rejects.toThrow('gone');
    first.resolve();
    await expect(next).resolves.toBe('ran');
    await running;
    await lane.drained();
    expect(lane.running).toBe(0);
  });

  it('passes the turn on when a task fails', async () => {
    const lane = new Lane(1);
    const failing = lane.run(() => Promise.reject(new Error('no')));
    const next = lane.run(() => Promise.resolve(1));
    await expect(failing).rejects.toThrow('no');
    await expect(next).resolves.toBe(1);
  });
});
