import { parseTfql } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { facetOf, toggleFacetExclusion, toggleFacetValue, withFacet, withTerm } from './filter-terms.js';

describe('withTerm', () => {
  it('adds to what is there', () => {
    expect(withTerm('', 'service', 'cart')).toBe('service:cart');
    expect(withTerm('duration:>500ms', 'attributes.http.route', '/a b', true)).toBe(
      'duration>500ms AND NOT attributes.http.route:"/a b"',
    );
  });

  it.each([['OR'], [''], ['say "hi" \\o/'], ['a*b'], ['-x'], ['two\nlines'], ['=1'], ['(a)'], [-5], [0.5], [true]])(
    'writes the value %j so that it is read back as it is',
    (value) => {
      expect(parseTfql(withTerm('x:1', 'f', value))).toMatchObject({
        kind: 'and',
        items: [{}, { kind: 'compare', field: 'f', value: { text: String(value) } }],
      });
    },
  );

  it('adds nothing twice and drops the opposite', () => {
    expect(withTerm('service:cart', 'service', 'cart')).toBe('service:cart');
    expect(withTerm('service:cart AND x:1', 'service', 'cart', true)).toBe('x:1 AND NOT service:cart');
  });

  it('puts alternatives in parentheses first', () => {
    expect(withTerm('a:1 OR b:2', 'c', '3')).toBe('(a:1 OR b:2) AND c:3');
  });

  it('leaves a filter alone that can’t be read', () => {
    expect(withTerm('(never closed', 'c', 3)).toBe('(never closed');
    expect(toggleFacetValue('"never closed', 'c', '3')).toBe('"never closed');
  });
});

describe('facets', () => {
  it('read what they selected, by any spelling of the field', () => {
    expect(facetOf('x (service:a OR service.name:"b c") AND NOT service:d -service:e status:error', 'service')).toEqual(
      {
        included: ['a', 'b c'],
        excluded: ['d', 'e'],
      },
    );
    expect(facetOf('service:(a OR b)', 'service').included).toEqual(['a', 'b']);
    expect(facetOf('(service:a OR status:error) duration>5ms', 'service')).toEqual({ included: [], excluded: [] });
    expect(facetOf('service:a*', 'service').included).toEqual([]);
  });

  it('switch values on and off', () => {
    const one = toggleFacetValue('status:error', 'service', 'a');
    const two = toggleFacetValue(one, 'service', 'b c');
    expect(two).toBe('status:error AND (service:a OR service:"b c")');
    expect(toggleFacetValue(two, 'service', 'a')).toBe('status:error AND service:"b c"');
    expect(toggleFacetExclusion(two, 'service', 'a')).toBe('status:error AND service:"b c" AND NOT service:a');
    expect(toggleFacetExclusion('NOT service:a', 'service', 'a')).toBe('');
    expect(toggleFacetValue('NOT service:a', 'service', 'a')).toBe('service:a');
  });

  it('replace the selection', () => {
    expect(withFacet('service:a AND x:1', 'service', { included: ['b'], excluded: [] })).toBe('x:1 AND service:b');
  });
});
