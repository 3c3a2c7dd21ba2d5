import { expect, it } from 'vitest';
import { newId } from './ids.js';

const NOW = 1_800_000_000_000;

it('is a UUID of version 7 with the time it was made', () => {
  const id = newId(NOW);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replace('-', '').slice(0, 12), 16)).toBe(NOW);
});

it('sorts as it was made, within a millisecond too', () => {
  const ids = [NOW + 1, NOW + 2, NOW + 3].flatMap((ms) => Array.from({ length: 2000 }, () => newId(ms)));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});
