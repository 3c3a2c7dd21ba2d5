import { describe, expect, it } from 'vitest';
import { facetOf, quoteValue, toggleFacetExclusion, toggleFacetValue, withFacet, withTerm } from './filter-terms.js';

describe('quoteValue', () => {
  it.each([
    ['checkout', 'checkout'],
    ['http/1.1', 'http/1.1'],
    ['/cart/:id', '"/cart/:id"'],
    ['two words', '"two words"'],
    ['say "hi" \\o/', '"say \\"hi\\" \\\\o/"'],
    ['OR', '"OR"'],
    ['', '""'],
    ['-5', '"-5"'],
    [42, '42'],
    [true, 'true'],
  ])('%j is written %s', (value, text) => expect(quoteValue(value)).toBe(text));
});

describe('withTerm', () => {
  it('adds to what is there', () => {
    expect(withTerm('', 'service', 'cart')).toBe('service:cart');
    expect(withTerm('payment declined', 'service', 'cart')).toBe('payment declined AND service:cart');
    expect(withTerm('duration:>500ms', 'attributes.http.route', '/a b', true)).toBe(
      'duration:>500ms AND NOT attributes.http.route:"/a b"',
    );
  });

  it('adds nothing twice and drops the opposite', () => {
    expect(withTerm('service:cart', 'service', 'cart')).toBe('service:cart');
    expect(withTerm('service:cart AND x:1', 'service', 'cart', true)).toBe('x:1 AND NOT service:cart');
  });

  it('puts alternatives in parentheses first', () => {
    expect(withTerm('a:1 OR b:2', 'c', '3')).toBe('(a:1 OR b:2) AND c:3');
    expect(withTerm('(a:1 OR b:2) x', 'c', 3)).toBe('(a:1 OR b:2) AND x AND c:3');
  });

  it('leaves quotes, escapes and an unfinished quote alone', () => {
    expect(withTerm('body:"a \\" OR b" word', 'c', 3)).toBe('body:"a \\" OR b" AND word AND c:3');
    expect(withTerm('"never closed OR', 'c', 3)).toBe('"never closed OR AND c:3');
  });
});

describe('facets', () => {
  it('reads what they selected', () => {
    expect(facetOf('x (service:a OR service:"b c") AND NOT service:d status:error', 'service')).toEqual({
      included: ['a', 'b c'],
      excluded: ['d'],
    });
    expect(facetOf('(service:a OR status:error) duration:>5ms', 'service')).toEqual({ included: [], excluded: [] });
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
