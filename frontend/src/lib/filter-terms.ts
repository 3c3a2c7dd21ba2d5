import {
  formatTfql,
  formatValue,
  hasWildcard,
  parseTfql,
  TFQL_FIELDS,
  TfqlSyntaxError,
  type AttributeValue,
  type TfqlExpression,
  type TfqlField,
} from '@telemetryflow/contracts';

/**
 * Edits to a filter that clicking makes: adding a term, and switching the values of a facet. The rest of the filter keeps
 * its meaning. A filter that can't be read stays as it is; the query bar already says what is wrong with it.
 */

const NOWHERE = { from: 0, to: 0 };

function term(field: string, value: AttributeValue): TfqlExpression {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const quoted = typeof value === 'string' ? formatValue(value) !== value : typeof value === 'object';
  return { kind: 'compare', field, operator: ':', value: { text, quoted }, at: NOWHERE };
}

/** The expressions that must all hold, or null when the filter can't be read. */
function clausesOf(filter: string): readonly TfqlExpression[] | null {
  try {
    const expression = parseTfql(filter);
    if (expression.kind === 'all') return [];
    return expression.kind === 'and' ? expression.items : [expression];
  } catch (error) {
    if (error instanceof TfqlSyntaxError) return null;
    throw error;
  }
}

function join(clauses: readonly TfqlExpression[]): string {
  const [first] = clauses;
  if (first === undefined) return '';
  return formatTfql(clauses.length === 1 ? first : { kind: 'and', items: clauses });
}

const negate = (item: TfqlExpression): TfqlExpression => ({ kind: 'not', item });

/** The filter with the term `field:value`, or `NOT field:value`; its opposite is dropped, and nothing is added twice. */
export function withTerm(filter: string, field: string, value: AttributeValue, negated = false): string {
  const clauses = clausesOf(filter);
  if (clauses === null) return filter;
  const plain = term(field, value);
  const [wanted, opposite] = negated ? [negate(plain), plain] : [plain, negate(plain)];
  const rest = clauses.filter((clause) => formatTfql(clause) !== formatTfql(opposite));
  const isThere = rest.some((clause) => formatTfql(clause) === formatTfql(wanted));
  return join(isThere ? rest : [...rest, wanted]);
}

export interface Facet {
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

function canonical(field: string): string {
  const fields: readonly TfqlField[] = TFQL_FIELDS;
  return fields.find(({ name, aliases }) => name === field || aliases.includes(field))?.name ?? field;
}

/** The values of a field that an expression allows, when it is `f:a` or `f:a OR f:b`; null for anything else. */
function valuesOf(expression: TfqlExpression, field: string): string[] | null {
  if (expression.kind === 'or') {
    const values = expression.items.map((item) => valuesOf(item, field));
    return values.every((some) => some !== null) ? values.flat() : null;
  }
  if (expression.kind !== 'compare' || canonical(expression.field) !== canonical(field)) return null;
  const isExact = (expression.operator === ':' || expression.operator === '=') && !hasWildcard(expression.value);
  return isExact ? [expression.value.text] : null;
}

/** Which values of a field the filter selects or excludes as a facet would. */
export function facetOf(filter: string, field: string): Facet {
  const included: string[] = [];
  const excluded: string[] = [];
  for (const clause of clausesOf(filter) ?? []) {
    const target = clause.kind === 'not' ? excluded : included;
    target.push(...(valuesOf(clause.kind === 'not' ? clause.item : clause, field) ?? []));
  }
  return { included, excluded };
}

/** The filter with exactly these values of a field selected and excluded; the rest of it stays. */
export function withFacet(filter: string, field: string, { included, excluded }: Facet): string {
  const clauses = clausesOf(filter);
  if (clauses === null) return filter;
  const others = clauses.filter((clause) => valuesOf(clause.kind === 'not' ? clause.item : clause, field) === null);
  const terms = included.map((value) => term(field, value));
  const selection: TfqlExpression[] = terms.length > 1 ? [{ kind: 'or', items: terms }] : terms;
  return join([...others, ...selection, ...excluded.map((value) => negate(term(field, value)))]);
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
