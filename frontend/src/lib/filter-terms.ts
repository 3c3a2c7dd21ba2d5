import type { AttributeValue } from '@telemetryflow/contracts';

/**
 * Edits to a filter's text that clicking makes: adding a term, and switching the values of a facet. Whatever a person
 * wrote by hand stays as it is; a filter with a top-level OR is put in parentheses before something is added.
 */

const WORD = /^[\p{L}\p{N}_][\p{L}\p{N}_./-]*$/u;
const KEYWORD = /^(AND|OR|NOT)$/i;

/** A value as the filter language wants it: bare if it can be, else in double quotes. */
export function quoteValue(value: AttributeValue): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const isBare = typeof value === 'number' || typeof value === 'boolean' || (WORD.test(text) && !KEYWORD.test(text));
  return isBare ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

function unquote(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}

/** Words at the top level; what is in quotes or parentheses stays whole. */
function words(filter: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let word = '';
  for (let i = 0; i < filter.length; i++) {
    const char = filter[i] ?? '';
    if (isQuoted && char === '\\') {
      word += char + (filter[++i] ?? '');
      continue;
    }
    if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && char === '(') depth++;
    else if (!isQuoted && char === ')') depth--;
    if (/\s/.test(char) && !isQuoted && depth <= 0) {
      if (word) found.push(word);
      word = '';
    } else word += char;
  }
  if (word) found.push(word);
  return found;
}

/** The terms that must all hold. */
function clausesOf(filter: string): string[] {
  const all = words(filter);
  if (all.length === 0) return [];
  if (all.some((word) => word.toUpperCase() === 'OR')) return [`(${filter.trim()})`];
  const clauses: string[] = [];
  let negation = '';
  for (const word of all) {
    if (word.toUpperCase() === 'AND') continue;
    if (word.toUpperCase() === 'NOT') negation = 'NOT ';
    else {
      clauses.push(negation + word);
      negation = '';
    }
  }
  return clauses;
}

const isFreeText = (clause: string) => !clause.includes(':') && !/[=<>~(]/.test(clause);

function join(clauses: readonly string[]): string {
  return clauses.reduce((text, clause, i) => {
    if (i === 0) return clause;
    const gap = isFreeText(clause) && isFreeText(clauses[i - 1] ?? '') ? ' ' : ' AND ';
    return text + gap + clause;
  }, '');
}

/** The filter with the term `field:value`, or `NOT field:value`; its opposite is dropped, and nothing is added twice. */
export function withTerm(filter: string, field: string, value: AttributeValue, negated = false): string {
  const term = `${field}:${quoteValue(value)}`;
  const [wanted, opposite] = negated ? [`NOT ${term}`, term] : [term, `NOT ${term}`];
  const clauses = clausesOf(filter).filter((clause) => clause !== opposite);
  return join(clauses.includes(wanted) ? clauses : [...clauses, wanted]);
}

export interface Facet {
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

/** The values of a field that a clause selects: of `f:a`, `NOT f:a` and `(f:a OR f:b)`. Null for any other clause. */
function facetClause(clause: string, field: string): { values: string[]; negated: boolean } | null {
  const negated = clause.startsWith('NOT ');
  const body = negated ? clause.slice(4) : clause;
  const inner = body.startsWith('(') && body.endsWith(')') ? words(body.slice(1, -1)) : [body];
  const terms = inner.filter((_, i) => i % 2 === 0);
  const joins = inner.filter((_, i) => i % 2 === 1);
  if (joins.some((word) => word.toUpperCase() !== 'OR')) return null;
  const values: string[] = [];
  for (const term of terms) {
    const value = term.startsWith(`${field}:`) ? term.slice(field.length + 1) : '';
    if (!/^("(?:[^"\\]|\\.)*"|[^"<>=!*(\s]+)$/.test(value)) return null;
    values.push(unquote(value));
  }
  return { values, negated };
}

/** Which values of a field the filter selects or excludes as a facet would. */
export function facetOf(filter: string, field: string): Facet {
  const included: string[] = [];
  const excluded: string[] = [];
  for (const clause of clausesOf(filter)) {
    const facet = facetClause(clause, field);
    if (facet) (facet.negated ? excluded : included).push(...facet.values);
  }
  return { included, excluded };
}

/** The filter with exactly these values of a field selected and excluded; the rest of it stays. */
export function withFacet(filter: string, field: string, { included, excluded }: Facet): string {
  const others = clausesOf(filter).filter((clause) => !facetClause(clause, field));
  const terms = included.map((value) => `${field}:${quoteValue(value)}`);
  const selection = terms.length > 1 ? [`(${terms.join(' OR ')})`] : terms;
  return join([...others, ...selection, ...excluded.map((value) => `NOT ${field}:${quoteValue(value)}`)]);
}

/** Selects a value of a facet, or takes it back. */
export function toggleFacetValue(filter: string, field: string, value: string): string {
  const { included, excluded } = facetOf(filter, field);
  return withFacet(filter, field, {
    included: included.includes(value) ? included.filter((other) => other !== value) : [...included, value],
    excluded: excluded.filter((other) => other !== value),
  });
}

/** Excludes a value of a facet, or takes it back. */
export function toggleFacetExclusion(filter: string, field: string, value: string): string {
  const { included, excluded } = facetOf(filter, field);
  return withFacet(filter, field, {
    included: included.filter((other) => other !== value),
    excluded: excluded.includes(value) ? excluded.filter((other) => other !== value) : [...excluded, value],
  });
}
