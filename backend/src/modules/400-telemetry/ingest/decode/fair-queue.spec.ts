import { expect, it } from 'vitest';
import { FairQueue } from './fair-queue.js';

function all<T>(queue: FairQueue<T>): T[] {
  const taken: T[] = [];
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) taken.push(item);
  return taken;
}

it('serves owners by turns, each in the order in which they came', () => {
  const queue = new FairQueue<string>();
  for (const item of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']) queue.push(item.slice(0, 1), item);
  expect(queue.size).toBe(7);
  expect(all(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
  expect([queue.size, queue.shift()]).toEqual([0, undefined]);
});

it('lets one who comes late not wait behind the thousands of another', () => {
  const queue = new FairQueue<string>();
  for (let i = 0; i < 5000; i++) queue.push('a', `a${i}`);
  expect([queue.shift(), queue.shift()]).toEqual(['a0', 'a1']);
  queue.push('b', 'b0');
  expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['a2', 'b0', 'a3']);
  expect(all(queue)).toEqual(Array.from({ length: 4996 }, (_, i) => `a${i + 4}`));
});
