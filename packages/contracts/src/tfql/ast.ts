/**
 * TFQL's filter tree. The server compiles it to SQL, the editor highlights and rewrites it; both get it from
 * `parseTfql` and write it back with `formatTfql`.
 */

/** Half-open range of UTF-16 positions in the source text. */
export interface SourceRange {
  readonly from: number;
  readonly to: number;
}

/** `:` matches (wildcards, and "contains" on text bodies); `=` and the others compare exactly; `~` is a regular expression. */
export type CompareOperator = ':' | '=' | '!=' | '>' | '>=' | '<' | '<=' | '~' | '!~';

/** A literal as written. `*` is a wildcard in an unquoted literal and a plain star in a quoted one. */
export interface Literal {
  readonly text: string;
  readonly quoted: boolean;
}

/** Matches everything: what an empty filter means. */
export interface Everything {
  readonly kind: 'all';
}
export interface Conjunction {
  readonly kind: 'and' | 'or';
  /** Two or more; never the same kind as this one. */
  readonly items: readonly TfqlExpression[];
}
export interface Negation {
  readonly kind: 'not';
  readonly item: TfqlExpression;
}
export interface Comparison {
  readonly kind: 'compare';
  readonly field: string;
  readonly operator: CompareOperator;
  readonly value: Literal;
  /** Where the value stands, for errors about its meaning. */
  readonly at: SourceRange;
}
export interface Existence {
  readonly kind: 'exists';
  readonly field: string;
  readonly at: SourceRange;
}
export interface FreeText {
  readonly kind: 'text';
  readonly value: Literal;
  readonly at: SourceRange;
}

export type TfqlExpression = Everything | Conjunction | Negation | Comparison | Existence | FreeText;

/** Whether the literal holds wildcards. */
export function hasWildcard(value: Literal): boolean {
  return !value.quoted && value.text.includes('*');
}
