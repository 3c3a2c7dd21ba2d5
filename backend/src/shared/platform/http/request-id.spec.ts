import { describe, expect, it } from 'vitest';
import { requestIdOf } from './request-id.js';

const UUIDV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('requestIdOf', () => {
  it.each(['abc', '01a1f868-d4d3-7c8b-879d-4fe699431dee', 'trace:1.2_3'])('takes %s', (id) => {
    expect(requestIdOf({ 'x-request-id': id })).toBe(id);
  });

  it.each([undefined, '', 'a b', 'x\ny', '<script>', 'a'.repeat(129), '-leading'])('makes one instead of %j', (id) => {
    expect(requestIdOf(id === undefined ? {} : { 'x-request-id': id })).toMatch(UUIDV7);
  });
});
