import type { SyntaxNode, SyntaxNodeRef } from '@lezer/common';
import { FUNCTION_WORDS, STAGE_WORDS } from './grammar/words.js';
import { nearNames } from './near.js';

export interface Problem {
  readonly problem: string;
  readonly position: number;
  readonly length: number;
  readonly suggestion: string;
}

const SIGNAL_WORDS = ['spans', 'logs', 'traces', 'metrics'];
const FOLLOWING_WORDS = ['where', 'as', 'by', 'every', 'desc', 'asc'];
const STAGES = [...STAGE_WORDS.keys(), ...FUNCTION_WORDS];

/** Expectation and suggestion for what is simply not there. */
const LEFT_OUT: Readonly<Record<string, readonly [string, string]>> = {
  MissingKey: ['expected a field name', 'write one, such as http.route'],
  MissingMetric: ["expected a metric's name", 'write metrics http.server.request.duration'],
  MissingOperator: ['expected =, !=, =~ or !~', 'write label="value"'],
  MissingOperand: ['expected a label or a number', 'write a formula such as B / A * 100'],
  MissingStage: ['expected a function or a stage', 'write count, p95(duration), sort by …, top 10, or remove the |'],
  MissingFunction: ['expected a function', 'write one such as count or p95(duration)'],
  MissingNumber: ['expected a number', 'write one, such as 10'],
  MissingAlias: ['expected a name', 'write one after as, such as errors'],
  MissingDuration: ['expected a duration', 'write one, such as 1m or 1d'],
};

/** What a `Missing…` node means; undefined for a filter that may be left out. */
export function missingProblem(ref: SyntaxNodeRef, source: string): Problem | undefined {
  const node = ref.node;
  const position = node.from;
  const length = position < source.length ? 1 : 0;
  if (node.name === 'MissingCondition') return missingCondition(node, source);
  if (node.name === 'MissingClose') return missingClose(node, source);
  if (node.name === 'MissingValue') return missingValue(node, source);
  const [problem, suggestion] = LEFT_OUT[node.name] ?? ['something is missing', 'complete the query'];
  if (node.name === 'MissingKey' && node.parent?.name === 'Exists') {
    return { problem, position, length, suggestion: 'write exists(http.route)' };
  }
  return { problem, position, length, suggestion };
}

const KEYWORD = /^(?:AND|OR)(?![^\s()"])/;

function missingValue(node: SyntaxNode, source: string): Problem {
  const position = node.from;
  const field = fieldOf(node, source);
  const keyword = node.parent?.name === 'Comparison' ? undefined : KEYWORD.exec(source.slice(position))?.[0];
  if (keyword !== undefined) {
    const suggestion = `remove it, or write "${keyword}" in quotes for the value`;
    return { problem: `expected a value before ${keyword}`, position, length: keyword.length, suggestion };
  }
  const problem = field === '' ? 'expected a value' : `expected a value for ${field}`;
  const suggestion =
    node.parent?.name === 'Matcher' ? 'write "quoted text"' : 'write a word, a number or "quoted text"';
  return { problem, position, length: position < source.length ? 1 : 0, suggestion };
}

function missingCondition(node: SyntaxNode, source: string): Problem | undefined {
  if (node.parent?.name === 'Filter' || node.parent?.name === 'Source') return undefined;
  const position = node.from;
  const keyword = KEYWORD.exec(source.slice(position))?.[0];
  if (keyword !== undefined) {
    const suggestion = `remove it, or write "${keyword}" in quotes to search for the word`;
    return { problem: `expected a condition before ${keyword}`, position, length: keyword.length, suggestion };
  }
  const suggestion = 'write field:value, or a word to search for';
  return { problem: 'expected a condition', position, length: position < source.length ? 1 : 0, suggestion };
}

function missingClose(node: SyntaxNode, source: string): Problem {
  const opened = node.parent;
  if (opened?.name === 'Exists') {
    const length = node.from < source.length ? 1 : 0;
    return { problem: 'expected ")"', position: node.from, length, suggestion: 'close exists( after the field name' };
  }
  const [open, close, name] = opened?.name === 'Selectors' ? ['{', '}', 'brace'] : ['(', ')', 'parenthesis'];
  let first = node.prevSibling;
  while (first && source.charAt(first.from) !== open) first = first.prevSibling;
  const problem = `the ${name} that opens here is never closed`;
  return { problem, position: first?.from ?? node.from, length: 1, suggestion: `add a closing ${close}` };
}

function fieldOf(node: SyntaxNode, source: string): string {
  for (let parent = node.parent; parent; parent = parent.parent) {
    const field = parent.name === 'Comparison' ? parent.getChild('FieldName') : parent.getChild('Key');
    if (field) return source.slice(field.from, field.to);
  }
  return '';
}

/** A word where a signal, a stage or a function should be. */
export function unknownProblem(ref: SyntaxNodeRef, source: string): Problem {
  const word = /^[^\s(|;,]+/.exec(source.slice(ref.from, ref.to))?.[0] ?? source.slice(ref.from, ref.to);
  const place = { position: ref.from, length: word.length };
  if (ref.name === 'UnknownSignal') {
    const suggestion = meant(word, SIGNAL_WORDS) ?? 'begin with one, such as spans service.name:checkout | count';
    return { ...place, problem: `expected spans, logs, traces or metrics instead of ${word}`, suggestion };
  }
  const isStage = ref.name === 'UnknownStage';
  const names = isStage ? STAGES : FUNCTION_WORDS;
  const suggestion =
    meant(word, names) ?? 'there are count, rate, sum, avg, min, max, p50 to p99, by, sort, top and limit';
  return { ...place, problem: `${word} is no function${isStage ? ' or stage' : ''}`, suggestion };
}

/** What can't stand where it stands. */
export function unexpectedProblem(ref: SyntaxNodeRef, source: string): Problem {
  let position = ref.from;
  while (position < source.length && /\s/u.test(source.charAt(position))) position++;
  const lexeme = /^(?:[\p{L}\p{N}_.]+|.)/su.exec(source.slice(position))?.[0] ?? '';
  if (lexeme === '')
    return { problem: 'the text ends too early', position, length: 0, suggestion: 'complete the query' };
  const place = { position, length: lexeme.length };
  const problem = `unexpected "${lexeme}"`;
  if (lexeme === ')') return { ...place, problem, suggestion: 'remove it, or open a parenthesis before' };
  if (/^[\p{L}]/u.test(lexeme)) {
    return {
      ...place,
      problem,
      suggestion: meant(lexeme, FOLLOWING_WORDS) ?? 'separate stages by |, and items by commas',
    };
  }
  return { ...place, problem, suggestion: 'remove it' };
}

function meant(word: string, names: Iterable<string>): string | undefined {
  const near = nearNames(word, names);
  return near.length === 0 ? undefined : `did you mean ${near.join(' or ')}?`;
}
