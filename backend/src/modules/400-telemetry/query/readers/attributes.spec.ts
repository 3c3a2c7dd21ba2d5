import { describe, expect, it } from 'vitest';
import { decodeAttributes, decodeValue } from './attributes.js';

describe('attribute values', () => {
  it.each([
    ['5', 'i', 5],
    ['-9223372036854775808', 'i', '-9223372036854775808'],
    ['1.5', 'd', 1.5],
    ['NaN', 'd', 'NaN'],
    ['Infinity', 'd', 'Infinity'],
    ['true', 'b', true],
    ['false', 'b', false],
    ['', 'e', null],
    ['5', 's', '5'],
    ['[9007199254740993,1.5,"x"]', 'j', ['9007199254740993', 1.5, 'x']],
    ['not json', 'j', 'not json'],
  ])('%s as %s', (text, letter, expected) => {
    expect(decodeValue(text, letter)).toEqual(expected);
  });

  it('keeps the first of repeated keys and hostile names', () => {
    const decoded = decodeAttributes({
      keys: ['a', 'a', '__proto__', '1'],
      values: ['x', 'y', 'z', 'w'],
      types: 'ssss',
    });
    expect(Object.entries(decoded).sort()).toEqual([
      ['1', 'w'],
      ['__proto__', 'z'],
      ['a', 'x'],
    ]);
  });
});
