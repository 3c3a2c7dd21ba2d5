import { expect, it } from 'vitest';
import { FairSlots } from './fair-slots.js';

it('leaves room for others beside a tenant that takes all it gets', async () => {
  const slots = new FairSlots(3, 2);
  const gate = Promise.withResolvers<void>();
  const held = [slots.hold('greedy', () => gate.promise), slots.hold('greedy', () => gate.promise)];
  expect(slots.isFreeFor('greedy')).toBe(false);
  expect(slots.isFreeFor('other')).toBe(true);
  held.push(slots.hold('other', () => gate.promise));
  expect(slots.isFull).toBe(true);
  expect(slots.isFreeFor('third')).toBe(false);
  gate.resolve();
  await Promise.all(held);
  expect(slots.isFreeFor('greedy')).toBe(true);
});

it('frees the slot of what failed', async () => {
  const slots = new FairSlots(1, 1);
  await expect(slots.hold('one', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(slots.isFreeFor('one')).toBe(true);
});
