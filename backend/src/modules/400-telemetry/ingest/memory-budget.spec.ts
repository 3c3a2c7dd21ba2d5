import { expect, it } from 'vitest';
import { MemoryBudget } from './memory-budget.js';

it('gives memory to those who wait in their order, also to a large one before small ones', () => {
  const budget = new MemoryBudget(100);
  const [holder, large, small] = [budget.lease(), budget.lease(), budget.lease()];
  holder.grow(90);
  const served: string[] = [];
  expect(large.growOrWait(80, () => served.push('large'))).toBe(false);
  expect(small.growOrWait(20, () => served.push('small'))).toBe(false);
  expect(() => budget.lease().grow(20)).toThrow(expect.objectContaining({ reason: 'overloaded' }));
  holder.release();
  expect(served).toEqual(['large', 'small']);
  expect([budget.usedBytes, budget.waiting]).toEqual([100, 0]);
});

it('refuses at once what could never be had', () => {
  const lease = new MemoryBudget(100).lease();
  lease.grow(60);
  expect(() => lease.growOrWait(50, () => {})).toThrow(expect.objectContaining({ reason: 'overloaded' }));
});

it('forgets who gives up waiting, and counts what is held already even beyond its limit', () => {
  const budget = new MemoryBudget(100);
  const [holder, impatient] = [budget.lease(), budget.lease()];
  holder.force(150);
  expect(impatient.growOrWait(10, () => expect.unreachable())).toBe(false);
  impatient.release();
  impatient.force(10);
  expect([budget.usedBytes, budget.waiting]).toEqual([150, 0]);
  holder.release();
  holder.release();
  expect(budget.usedBytes).toBe(0);
});
