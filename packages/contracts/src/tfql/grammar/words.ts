import { AggregationFunction } from '../../query.js';
import * as t from './tables.terms.js';

export const RECORD_SIGNALS: ReadonlySet<string> = new Set(['spans', 'logs', 'traces']);
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(AggregationFunction.options);
export const FORMULA_OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/']);

/** What a stage can begin with, besides a function. */
export const STAGE_WORDS: ReadonlyMap<string, number> = new Map([
  ['by', t.ByWord],
  ['every', t.EveryWord],
  ['sort', t.SortWord],
  ['top', t.TopWord],
  ['limit', t.LimitWord],
  ['fields', t.FieldsWord],
  ['compare', t.CompareWord],
  ['hide', t.HideWord],
]);
