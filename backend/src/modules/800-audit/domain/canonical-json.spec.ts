import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asJson, canonicalJson, mapTexts, type Json } from './canonical-json.js';

/** The same value with the keys of every object in another order. */
function shuffled(value: Json, turn: number): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => shuffled(item, turn + 1));
  const entries = Object.entries(value).map(([key, item]) => [key, shuffled(item, turn + 1)] as const);
  const at = entries.length === 0 ? 0 : turn % entries.length;
  return Object.fromEntries([...entries.slice(at), ...entries.slice(0, at)].toReversed());
}

const anyJson = fc.jsonValue({ maxDepth: 5 }).map((value) => asJson(value));

describe('canonical JSON', () => {
  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(value);
      }),
    );
  });

  it('is the same text for the same value, whatever the order of the keys', () => {
    fc.assert(
      fc.property(anyJson, fc.nat(7), (value, turn) => {
        expect(canonicalJson(shuffled(value, turn))).toBe(canonicalJson(value));
      }),
    );
  });

  it('differs when the value does', () => {
    fc.assert(
      fc.property(anyJson, anyJson, (one, other) => {
        expect(canonicalJson(one) === canonicalJson(other)).toBe(isDeepStrictEqual(one, other));
      }),
    );
  });

  it('survives being stored as text and read again', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(canonicalJson(asJson(JSON.parse(canonicalJson(value))))).toBe(canonicalJson(value));
      }),
    );
  });

  it('writes out known values', () => {
    expect(canonicalJson({ b: [1, 2.5, -0, 1e21], a: 'é"\n', '': null, B: { z: true } })).toBe(
      '{"":null,"B":{"z":true},"a":"é\\"\\n","b":[1,2.5,0,1e+21]}',
    );
    expect(canonicalJson({ '10': 1, '9': 2 })).toBe('{"10":1,"9":2}');
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
  });
});

it('replaces texts at every depth and leaves keys and other values alone', () => {
  const value = { name: 'Ann', list: ['Ann', 1, { deep: 'Ann' }], flag: true };
  expect(mapTexts(value, (text, key) => `${key}:${text.length}`)).toEqual({
    name: 'name:3',
    list: ['list:3', 1, { deep: 'deep:3' }],
    flag: true,
  });
});
