import type { SyntaxNodeRef, Tree } from '@lezer/common';
import type { LRParser } from '@lezer/lr';
import { tables } from './grammar/tables.js';
import { missingProblem, unexpectedProblem, unknownProblem, type Problem } from './problems.js';
import { quotingProblem } from './quoting.js';
import { TfqlSyntaxError } from './syntax-error.js';

const MAX_DEPTH = 50;
const MAX_TERMS = 200;
const TERMS = new Set(['Comparison', 'FreeText', 'Exists', 'ListedValue', 'Matcher']);
const NESTING = new Set(['Group', 'List', 'Formula']);
const QUOTABLE = new Set(['String', 'FieldName', 'Key', 'MetricName']);

/** The parsers, for the server and for editors: their trees hold a `Missing…` node where something was left out. */
export const tfqlFilterParser = tables.configure({ top: 'Filter' });
export const tfqlStatementParser = tables.configure({ top: 'Program', dialect: 'statements' });

/**
 * Reads a text, and refuses what the grammar does not have.
 *
 * @throws TfqlSyntaxError for the first problem: more than 200 conditions and 50 levels of parentheses included
 */
export function readTree(source: string, what: 'filter' | 'statements'): Tree {
  const tree = parse(source, what === 'filter' ? tfqlFilterParser : tfqlStatementParser);
  let depth = 0;
  let terms = 0;
  tree.iterate({
    enter: (node) => {
      if (NESTING.has(node.name) && ++depth > MAX_DEPTH) {
        throw new TfqlSyntaxError('too many nested parentheses', node.from, 1, 'simplify the filter');
      }
      if (TERMS.has(node.name) && ++terms > MAX_TERMS) {
        throw new TfqlSyntaxError(`more than ${MAX_TERMS} conditions`, node.from, 1, 'use fewer conditions');
      }
      const problem = problemOf(node, source);
      if (problem !== undefined) {
        throw new TfqlSyntaxError(problem.problem, problem.position, problem.length, problem.suggestion);
      }
    },
    leave: (node) => {
      if (NESTING.has(node.name)) depth--;
    },
  });
  return tree;
}

/** So much after the first thing that can't be read is enough to say what it is. */
const READ_ON = 100;

/** The tree, or that of the text's beginning up to the first problem: finding a way on would cost time for nothing. */
function parse(source: string, parser: LRParser): Tree {
  try {
    return parser.configure({ strict: true }).parse(source);
  } catch (error) {
    const position = error instanceof SyntaxError ? /^No parse at (\d+)/.exec(error.message)?.[1] : undefined;
    if (position === undefined) throw error;
    return parser.parse(source.slice(0, Number(position) + READ_ON));
  }
}

function problemOf(node: SyntaxNodeRef, source: string): Problem | undefined {
  if (node.type.isError) return unexpectedProblem(node, source);
  if (node.name.startsWith('Missing')) return missingProblem(node, source);
  if (node.name.startsWith('Unknown')) return unknownProblem(node, source);
  const text = source.slice(node.from, node.to);
  if (QUOTABLE.has(node.name)) {
    const found = quotingProblem(text);
    return found && { ...found, position: node.from + found.offset };
  }
  if (node.name === 'CompareOp' || node.name === 'PatternOp') return doubledOperator(node, text, source);
  const word = node.name === 'FreeText' ? WORD_OPERATORS.get(text) : undefined;
  if (word === undefined) return undefined;
  const suggestion = `write ${word}, or "${text}" in quotes to search for it`;
  return { problem: `${text} is no operator`, position: node.from, length: text.length, suggestion };
}

const WORD_OPERATORS = new Map([
  ['&&', 'AND'],
  ['||', 'OR'],
  ['!', 'NOT'],
]);
const NEAR_OPERATORS = new Map([
  ['==', '='],
  ['===', '='],
  ['=~', '~'],
  ['=>', '>='],
  ['=<', '<='],
  ['<>', '!='],
  ['!==', '!='],
  ['!:', '!='],
  ['~=', '~'],
  ['~~', '~'],
]);

/** `a==5` would ask for the value `=5`: a value that begins like an operator has to keep its distance. */
function doubledOperator(node: SyntaxNodeRef, operator: string, source: string): Problem | undefined {
  let end = node.to;
  while (end < source.length && /[=~<>!:]/.test(source.charAt(end))) end++;
  const written = source.slice(node.from, end);
  const near = NEAR_OPERATORS.get(written);
  if (written === operator || near === undefined) return undefined;
  const suggestion = `write ${near}, or quote a value that begins with ${written.slice(operator.length)}`;
  return { problem: `${written} is no operator`, position: node.from, length: written.length, suggestion };
}
