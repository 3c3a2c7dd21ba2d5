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

export interface PrometheusMetric {
  readonly name: string;
  /** As in the contract's `MetricType`. */
  readonly type: string;
  /** UCUM. */
  readonly unit: string;
}

/** Of UCUM units and their parts before and after `/`. */
const UNIT_WORDS: ReadonlyMap<string, string> = new Map([
  ['d', 'days'],
  ['h', 'hours'],
  ['min', 'minutes'],
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
  ['By', 'bytes'],
  ['KiBy', 'kibibytes'],
  ['MiBy', 'mebibytes'],
  ['GiBy', 'gibibytes'],
  ['TiBy', 'tebibytes'],
  ['KBy', 'kilobytes'],
  ['MBy', 'megabytes'],
  ['GBy', 'gigabytes'],
  ['TBy', 'terabytes'],
  ['m', 'meters'],
  ['V', 'volts'],
  ['A', 'amperes'],
  ['J', 'joules'],
  ['W', 'watts'],
  ['g', 'grams'],
  ['Cel', 'celsius'],
  ['Hz', 'hertz'],
  ['%', 'percent'],
]);
const PER_WORDS: ReadonlyMap<string, string> = new Map([
  ['s', 'second'],
  ['m', 'minute'],
  ['min', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['mo', 'month'],
  ['y', 'year'],
]);

/** A name of a label as Prometheus has it: `http_route` for `http.route`. */
export function prometheusLabel(key: string): string {
  const name = key.replaceAll(/[^a-zA-Z0-9_]/g, '_');
  return /^\d/.test(name) ? `key_${name}` : name;
}

/**
 * The names that Prometheus knows a metric by, after OpenTelemetry's rules for the translation (underscores, unit, `_total`
 * of counters, `_ratio` of gauges without dimension; `_bucket`, `_sum` and `_count` of distributions), its plain name
 * included.
 */
export function prometheusNames({ name, type, unit }: PrometheusMetric): string[] {
  const plain = name.replaceAll(/[^a-zA-Z0-9_:]+/g, '_').replace(/^(?=\d)/, '_');
  let translated = plain;
  for (const suffix of suffixes(type, unit)) {
    if (!translated.split('_').includes(suffix)) translated += `_${suffix}`;
  }
  if (type === 'counter') translated = `${translated.replace(/_total(?=_|$)/, '')}_total`;
  const names = new Set([plain, translated]);
  if (type === 'histogram' || type === 'exponential_histogram' || type === 'summary') {
    for (const part of ['sum', 'count', ...(type === 'summary' ? [] : ['bucket'])]) names.add(`${translated}_${part}`);
  }
  return [...names];
}

function suffixes(type: string, unit: string): string[] {
  if (unit === '1') return type === 'gauge' ? ['ratio'] : [];
  const [main = '', per] = unit.replaceAll(/\{[^}]*\}/g, '').split('/');
  const word = UNIT_WORDS.get(main) ?? (/^[a-zA-Z]+$/.test(main) ? main : '');
  const rate = per === undefined || per === '' ? undefined : (PER_WORDS.get(per) ?? per);
  return [...(word === '' ? [] : [word]), ...(rate === undefined ? [] : ['per', rate])];
}
