import { expect, it } from 'vitest';
import { ApiError } from './api.js';
import { shouldRetry } from './query.js';

it('asks again only where asking again can help', () => {
  const error = (status: number) => new ApiError(status, 'X', '', '');
  expect([400, 401, 403, 404, 429].map((status) => shouldRetry(0, error(status)))).toEqual(Array(5).fill(false));
  expect([shouldRetry(0, error(503)), shouldRetry(1, error(0)), shouldRetry(2, error(0))]).toEqual([true, true, false]);
});
