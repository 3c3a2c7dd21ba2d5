import { expect, it } from 'vitest';
import { rowsInView } from './fixed-rows.js';

it.each([
  ['the top', { top: 0, height: 440 }, 1000, { first: 0, last: 25 }],
  ['the middle', { top: 2200, height: 440 }, 1000, { first: 95, last: 125 }],
  ['the end', { top: 21_560, height: 440 }, 1000, { first: 975, last: 999 }],
  ['an empty list', { top: 0, height: 440 }, 0, { first: 0, last: -1 }],
  ['a list that became shorter than where it stands', { top: 22_000, height: 440 }, 10, { first: 4, last: 9 }],
  ['a million rows', { top: 21_999_560, height: 440 }, 1_000_000, { first: 999_975, last: 999_999 }],
])('%s', (_, view, count, rows) => expect(rowsInView(view, 22, count, 5)).toEqual(rows));
