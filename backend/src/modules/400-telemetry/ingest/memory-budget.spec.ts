import { describe, expect, it } from 'vitest';
import { OverloadedError } from './ingest-error.js';
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

describe('an owner', () => {
  it('never holds all of it: others find room whatever one takes', () => {
    const budget = new MemoryBudget(1000);
    const greedy = Array.from({ length: 8 }, () => budget.lease('greedy'));
    for (const lease of greedy.slice(0, 7)) lease.grow(100);
    expect(() => greedy[7]!.grow(100)).toThrow(OverloadedError);
    const late = budget.lease();
    late.grow(100);
    expect(() => late.assign('greedy')).toThrow(OverloadedError);
    late.release();
    const other = budget.lease();
    other.grow(250);
    other.assign('other');
    expect(budget.usedBytes).toBe(950);
    for (const lease of [...greedy, other]) lease.release();
    expect(budget.usedBytes).toBe(0);
    budget.lease('greedy').grow(750);
  });

  it('who waits for a part of its own does not hold up others who wait', () => {
    const budget = new MemoryBudget(1000);
    const [held, small] = [budget.lease('greedy'), budget.lease('other')];
    held.grow(700);
    small.grow(250);
    const came: string[] = [];
    const [next, other] = [budget.lease('greedy'), budget.lease('third')];
    expect(next.growOrWait(100, () => came.push('greedy'))).toBe(false);
    expect(other.growOrWait(100, () => came.push('third'))).toBe(false);
    small.release();
    expect(came).toEqual(['third']);
    held.release();
    expect(came).toEqual(['third', 'greedy']);
    next.release();
    other.release();
    expect(budget.usedBytes).toBe(0);
  });

  it('is told at once what could never fit into its part', () => {
    const budget = new MemoryBudget(1000);
    expect(() => budget.lease('one').growOrWait(751, () => {})).toThrow(OverloadedError);
    expect(budget.lease('one').growOrWait(750, () => {})).toBe(true);
  });
});
