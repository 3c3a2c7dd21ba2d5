import type { SyntaxNode } from '@lezer/common';
import type { TfqlExpression } from './ast.js';
import { nameOf } from './parser.js';
import { unquote } from './quoting.js';

/**
 * What a matcher in a metric's braces asks for, by Prometheus's rules: an empty value is that of a label that is not there,
 * and a regular expression has to match the whole value.
 */
export function matcherExpression(matcher: SyntaxNode, source: string): TfqlExpression {
  const key = matcher.firstChild ?? matcher;
  const symbol = matcher.getChild('PromOp') ?? matcher;
  const value = matcher.lastChild ?? matcher;
  const field = nameOf(key, source);
  const operator = source.slice(symbol.from, symbol.to);
  const text = unquote(source.slice(value.from, value.to));
  const at = { from: value.from, to: value.to };
  if (operator === '=~' || operator === '!~') {
    const pattern = { text: `^(?:${text})$`, quoted: true };
    return { kind: 'compare', field, operator: operator === '=~' ? '~' : '!~', value: pattern, at };
  }
  if (text !== '') {
    return { kind: 'compare', field, operator: operator === '=' ? '=' : '!=', value: { text, quoted: true }, at };
  }
  const exists: TfqlExpression = { kind: 'exists', field, at: { from: key.from, to: key.to } };
  return operator === '=' ? { kind: 'not', item: exists } : exists;
}
