import type { SyntaxNode } from '@lezer/common';
import type { CompareOperator, Literal, TfqlExpression } from './ast.js';
import { unquote } from './quoting.js';
import { readTree } from './syntax.js';

/**
 * Reads a TFQL filter, whose grammar is `grammar/tfql.grammar`. `field:*` asks for existence. Keywords are upper case, so
 * that "and" can be searched for. At most 200 conditions, 50 levels of parentheses.
 *
 * @throws TfqlSyntaxError with position and suggestion.
 */
export function parseTfql(source: string): TfqlExpression {
  const top = readTree(source, 'filter').topNode.firstChild;
  return top === null ? { kind: 'all' } : expressionOf(top, source);
}

/** The meaning of a node of a tree without problems: a condition, or one that was left out. */
export function expressionOf(node: SyntaxNode, source: string, field = ''): TfqlExpression {
  const at = { from: node.from, to: node.to };
  switch (node.name) {
    case 'MissingCondition':
      return { kind: 'all' };
    case 'And':
    case 'Or':
      return join(node.name === 'And' ? 'and' : 'or', conditions(node, source, field));
    case 'Not': {
      const [item = { kind: 'all' }] = conditions(node, source, field);
      return item.kind === 'not' ? item.item : { kind: 'not', item };
    }
    case 'Group':
    case 'List':
      return conditions(node, source, field)[0] ?? { kind: 'all' };
    case 'Exists':
      return existence(node, source);
    case 'Comparison':
      return comparison(node, source);
    case 'ListedValue':
      return compare(node, field, source);
    default:
      return { kind: 'text', value: literal(node.firstChild ?? node, source), at };
  }
}

const CONDITIONS = new Set(['And', 'Or', 'Not', 'Group', 'List', 'Exists', 'Comparison', 'ListedValue', 'FreeText']);

function conditions(node: SyntaxNode, source: string, field: string): TfqlExpression[] {
  const items: TfqlExpression[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) {
    if (CONDITIONS.has(child.name)) items.push(expressionOf(child, source, field));
  }
  return items;
}

function existence(node: SyntaxNode, source: string): TfqlExpression {
  const key = node.getChild('Key') ?? node;
  return { kind: 'exists', field: nameOf(key, source), at: { from: key.from, to: key.to } };
}

function comparison(node: SyntaxNode, source: string): TfqlExpression {
  const name = node.getChild('FieldName') ?? node;
  const list = node.getChild('List');
  const field = nameOf(name, source);
  return list ? expressionOf(list, source, field) : compare(node, field, source);
}

/** `duration:>5s`, `severity:>=warn`, `name:!x`: the operator may follow the colon. */
function compare(node: SyntaxNode, field: string, source: string): TfqlExpression {
  const symbol = node.getChild('CompareOp') ?? node.getChild('PatternOp');
  const written = symbol === null ? ':' : source.slice(symbol.from, symbol.to);
  const operator = (written === '!' ? '!=' : written) as CompareOperator;
  const last = node.lastChild ?? node;
  const value = literal(last, source);
  const at = { from: last.from, to: last.to };
  if (operator === ':' && !value.quoted && value.text === '*') return { kind: 'exists', field, at };
  return { kind: 'compare', field, operator, value, at };
}

function literal(node: SyntaxNode, source: string): Literal {
  const text = source.slice(node.from, node.to);
  return node.name === 'String' ? { text: unquote(text), quoted: true } : { text, quoted: false };
}

/** A name without its quotes. */
export function nameOf(node: SyntaxNode, source: string): string {
  return unquote(source.slice(node.from, node.to));
}

/** Both, or either, of the items; never nested in its own kind. */
export function join(kind: 'and' | 'or', items: readonly TfqlExpression[]): TfqlExpression {
  const flat = items.flatMap((item) => (item.kind === kind ? item.items : [item]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { kind, items: flat };
}
