import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  durationNsOf,
  formatTfql,
  formatValue,
  numberOf,
  parseTfql,
  resolveTfqlField,
  sizeBytesOf,
  TfqlSyntaxError,
  type CompareOperator,
  type TfqlExpression,
} from './index.js';

/** The tree in one line, for tables: `(and service:cart (not duration>5s))`; quoted literals keep their quotes. */
function show(e: TfqlExpression): string {
  switch (e.kind) {
    case 'all':
      return '*';
    case 'and':
    case 'or':
      return `(${e.kind} ${e.items.map(show).join(' ')})`;
    case 'not':
      return `(not ${show(e.item)})`;
    case 'exists':
      return `${e.field}?`;
    case 'text':
      return e.value.quoted ? JSON.stringify(e.value.text) : e.value.text;
    case 'compare':
      return `${e.field}${e.operator}${e.value.quoted ? JSON.stringify(e.value.text) : e.value.text}`;
  }
}

function withoutPositions(e: TfqlExpression): unknown {
  return JSON.parse(JSON.stringify(e, (key, value: unknown) => (key === 'at' ? undefined : value)));
}

describe('parseTfql', () => {
  it.each([
    ['', '*'],
    ['   ', '*'],
    ['timeout', 'timeout'],
    ['"connection refused"', '"connection refused"'],
    ['service:cart', 'service:cart'],
    ['service: cart', 'service:cart'],
    ['service.name = "my cart"', 'service.name="my cart"'],
    ['duration>500ms', 'duration>500ms'],
    ['duration:>500ms', 'duration>500ms'],
    ['duration:>= 1.5s', 'duration>=1.5s'],
    ['severity:>=warn', 'severity>=warn'],
    ['http.response.status_code >= 500', 'http.response.status_code>=500'],
    ['name:!ping', 'name!=ping'],
    ['name!=ping', 'name!=ping'],
    ['name~^GET\\s/(a|b)$', 'name~^GET\\s/(a|b)$'],
    ['name:~^GET', 'name~^GET'],
    ['name !~ "a b"', 'name!~"a b"'],
    ['(name~(a|b))', 'name~(a|b)'],
    ['http.route:/api/users/:id', 'http.route:/api/users/:id'],
    ['http.route:/api/*', 'http.route:/api/*'],
    ['http.route:*', 'http.route?'],
    ['http.route:"*"', 'http.route:"*"'],
    ['exists(http.route)', 'http.route?'],
    ['exists:http.route', 'http.route?'],
    ['attributes."my key":x', 'attributes.my key:x'],
    ['"my key":x', 'my key:x'],
    ['a:1 b:2', '(and a:1 b:2)'],
    ['a:1 AND b:2 OR c:3', '(or (and a:1 b:2) c:3)'],
    ['a:1 OR b:2 c:3', '(or a:1 (and b:2 c:3))'],
    ['(a:1 OR b:2) c:3', '(and (or a:1 b:2) c:3)'],
    ['NOT a:1', '(not a:1)'],
    ['-a:1', '(not a:1)'],
    ['NOT NOT a:1', 'a:1'],
    ['-(a:1 OR b)', '(not (or a:1 b))'],
    ['service:(cart OR checkout)', '(or service:cart service:checkout)'],
    ['service:(cart, checkout)', '(or service:cart service:checkout)'],
    ['code:(>=500 OR 404)', '(or code>=500 code:404)'],
    ['code:(NOT 404)', '(not code:404)'],
    ['and or not', '(and and or not)'],
    ['a AND (b OR c AND d)', '(and a (or b (and c d)))'],
    ['severity:ERROR AND service:x', '(and severity:ERROR service:x)'],
    ['k8s.pod.name:web-5f', 'k8s.pod.name:web-5f'],
    ['msg:"say \\"hi\\""', 'msg:"say \\"hi\\""'],
    ['größe:5', 'größe:5'],
    ['a:-5', 'a:-5'],
  ])('reads %s', (source, expected) => {
    expect(show(parseTfql(source))).toBe(expected);
  });

  it.each([
    ['service:', 8, 'expected a value'],
    ['service: AND', 9, undefined],
    ['a:1 AND', 7, 'expected a condition'],
    ['OR a:1', 0, 'before OR'],
    ['a:1 OR OR b', 7, 'before OR'],
    ['(a:1', 0, 'never closed'],
    ['a:1)', 3, 'unexpected ")"'],
    ['name:"abc', 5, 'never closed'],
    ['name:"a\\qb"', 7, 'unknown escape'],
    ['()', 1, 'expected a condition'],
    ['exists()', 7, 'expected a field name'],
    ['x:()', 3, 'expected a value'],
    ['NOT', 3, 'expected a condition'],
  ])('refuses %s at its position', (source, position, problem) => {
    if (problem === undefined) {
      expect(show(parseTfql(source))).toBe('service:AND');
      return;
    }
    const error = failure(source);
    expect(error.position).toBe(position);
    expect(error.message).toContain(problem);
    expect(error.suggestion).not.toBe('');
  });

  it('bounds depth and size', () => {
    expect(failure('('.repeat(4000)).message).toContain('nested');
    expect(failure('a '.repeat(300)).message).toContain('200 conditions');
  });

  it('never fails with anything but a syntax error', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc
        .array(
          fc.constantFrom('(', ')', '"', '\\', ':', '>', '=', '!', '~', '-', 'AND', 'OR', 'NOT', ' ', 'a', '*', ','),
          {
            maxLength: 40,
          },
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(hostile, (source) => {
        try {
          const tree = parseTfql(source);
          expect(withoutPositions(parseTfql(formatTfql(tree)))).toEqual(withoutPositions(tree));
        } catch (error) {
          if (!(error instanceof TfqlSyntaxError)) throw error;
          expect(error.position).toBeGreaterThanOrEqual(0);
          expect(error.position).toBeLessThanOrEqual(source.length);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('formatTfql', () => {
  const at = { from: 0, to: 0 };
  const quoted = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => ({ text, quoted: true }));
  const field = fc.oneof(
    fc.constantFrom('service', 'http.route', 'attributes.a b', 'resource.x"y', 'exists'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  );
  const operator = fc.constantFrom<CompareOperator>(':', '=', '!=', '>', '>=', '<', '<=', '~', '!~');
  const leaf: fc.Arbitrary<TfqlExpression> = fc.oneof(
    fc.record({ kind: fc.constant('compare' as const), field, operator, value: quoted, at: fc.constant(at) }),
    fc.record({ kind: fc.constant('exists' as const), field, at: fc.constant(at) }),
    fc.record({ kind: fc.constant('text' as const), value: quoted, at: fc.constant(at) }),
  );
  const tree = (depth: number, parent: 'and' | 'or' | 'not' | 'none'): fc.Arbitrary<TfqlExpression> => {
    if (depth === 0) return leaf;
    const options: fc.Arbitrary<TfqlExpression>[] = [leaf];
    for (const kind of ['and', 'or'] as const) {
      if (kind === parent) continue;
      options.push(
        fc
          .array(tree(depth - 1, kind), { minLength: 2, maxLength: 3 })
          .map((items): TfqlExpression => ({ kind, items })),
      );
    }
    if (parent !== 'not') options.push(tree(depth - 1, 'not').map((item): TfqlExpression => ({ kind: 'not', item })));
    return fc.oneof(...options);
  };

  it('writes what parses back to the same tree', () => {
    fc.assert(
      fc.property(tree(3, 'none'), (expression) => {
        expect(withoutPositions(parseTfql(formatTfql(expression)))).toEqual(withoutPositions(expression));
      }),
      { numRuns: 500 },
    );
  });

  it('quotes a value that would mean something else', () => {
    expect(formatValue('cart')).toBe('cart');
    expect(formatValue('a*b')).toBe('"a*b"');
    expect(formatValue('AND')).toBe('"AND"');
    expect(formatValue('>5')).toBe('">5"');
  });
});

describe('literals and fields', () => {
  it('reads units', () => {
    expect(durationNsOf('500ms')).toBe(5e8);
    expect(durationNsOf('1.5s')).toBe(1.5e9);
    expect(durationNsOf('2m')).toBe(120e9);
    expect(durationNsOf('2')).toBeUndefined();
    expect(sizeBytesOf('10MB')).toBe(1e7);
    expect(sizeBytesOf('4KiB')).toBe(4096);
    expect(numberOf('-1.5e3')).toBe(-1500);
    expect(numberOf('1x')).toBeUndefined();
    expect(numberOf('Infinity')).toBeUndefined();
  });

  it('resolves names by signal', () => {
    expect(resolveTfqlField('service', 'logs')).toEqual({ kind: 'field', name: 'service.name' });
    expect(resolveTfqlField('status', 'spans')).toEqual({ kind: 'field', name: 'status' });
    expect(resolveTfqlField('status', 'logs')).toEqual({ kind: 'any', key: 'status' });
    expect(resolveTfqlField('attributes.status', 'spans')).toEqual({ kind: 'attribute', key: 'status' });
    expect(resolveTfqlField('resource.host.name', 'spans')).toEqual({ kind: 'resource', key: 'host.name' });
  });
});

function failure(source: string): TfqlSyntaxError {
  try {
    parseTfql(source);
  } catch (error) {
    if (error instanceof TfqlSyntaxError) return error;
    throw error;
  }
  throw new Error(`${source} was accepted`);
}
