import { describe, expect, it } from 'vitest';
import { failedRules } from './password-rules.js';

const owner = { email: 'grace.h@example.com', names: ['Grace', 'Ho', 'van der Berg'] };
const strong = { score: 4, common: false, reused: false };
const codes = (password: string, facts = strong) => failedRules(password, owner, facts).map(({ code }) => code);

describe('failedRules', () => {
  it.each(['elephants wear purple', 'eggs-and-ham-42', '🦊'.repeat(12), 'x'.repeat(128), 'thorough hops 19'])(
    'lets %s pass',
    (password) => expect(codes(password)).toEqual([]),
  );

  it.each([
    ['elevenchars', ['too_short']],
    ['x'.repeat(129), ['too_long']],
    ['my name is GRACE!', ['personal']],
    ['grace.h is my login', ['personal']],
    ['Mr vanderBerg 1999', ['personal']],
    ['ＧＲＡＣＥ in full width', ['personal']],
    ['my Telemetry Flow login', ['personal']],
  ])('refuses %s: %j', (password, expected) => expect(codes(password)).toEqual(expected));

  it('names every failed rule', () => {
    expect(codes('grace', { score: 2, common: true, reused: true })).toEqual([
      'too_short',
      'common',
      'personal',
      'too_weak',
      'reused',
    ]);
  });
});
