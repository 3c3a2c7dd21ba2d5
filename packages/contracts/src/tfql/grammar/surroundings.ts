import { ContextTracker } from '@lezer/lr';
import * as t from './tables.terms.js';

/** What the characters of a literal mean depends on this: what stands around it. */
export interface Surroundings {
  /** Open parentheses of conditions, arguments and formulas. Within them, `|` and line ends are no structure. */
  readonly open: number;
  /** Open parentheses of lists of values, where a comma separates. */
  readonly list: number;
  /** In the filter of an aggregation, which `,` and the words `as`, `by` and `every` end. */
  readonly where: boolean;
  /** Directly after a signal, where a filter may follow or not. */
  readonly optional: boolean;
}

const OUTSIDE: Surroundings = { open: 0, list: 0, where: false, optional: false };
const OPENING = new Set([t.ParenOpen, t.ExistsOpen, t.BraceOpen]);
const CLOSING = new Set([t.ParenClose, t.BraceClose, t.MissingClose]);
const ENDS_WHERE = new Set([t.AsWord, t.ByWord, t.EveryWord, t.Pipe, t.Separator]);
const ENDS_SOURCE = new Set([t.RecordSignal, t.MetricName, t.MissingMetric]);

/** Follows parentheses, and the filters of aggregations, through the text. */
export const surroundings = new ContextTracker<Surroundings>({
  start: OUTSIDE,
  shift: (before, term) => (term === t.space ? before : after(before, term)),
  hash: ({ open, list, where, optional }) => open * 64 + list * 4 + (where ? 2 : 0) + (optional ? 1 : 0),
});

function after({ open, list, where }: Surroundings, term: number): Surroundings {
  const optional = ENDS_SOURCE.has(term) || term === t.BraceClose;
  if (OPENING.has(term)) return { open: open + 1, list, where, optional };
  if (term === t.ListOpen) return { open, list: list + 1, where, optional };
  if (CLOSING.has(term)) {
    return list > 0
      ? { open, list: list - 1, where, optional }
      : { open: Math.max(0, open - 1), list, where, optional };
  }
  if (term === t.WhereWord) return { open, list, where: true, optional };
  const ends = ENDS_WHERE.has(term) || (term === t.Comma && open === 0 && list === 0);
  return { open, list, where: where && !ends, optional };
}
