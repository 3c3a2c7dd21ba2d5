import { formatTfql, parseTfql, TfqlSyntaxError, type TfqlExpression } from '@telemetryflow/contracts';

/** Both filters at once, the second one negated if `isExcluded`; a filter that can't be read stays as it is. */
export function withFilter(filter: string, other: string, isExcluded: boolean): string {
  try {
    const added = parseTfql(other);
    const term: TfqlExpression = isExcluded ? { kind: 'not', item: added } : added;
    const known = parseTfql(filter);
    if (known.kind === 'all') return formatTfql(term);
    const items = known.kind === 'and' ? known.items : [known];
    const text = formatTfql(term);
    return items.some((item) => formatTfql(item) === text)
      ? filter
      : formatTfql({ kind: 'and', items: [...items, term] });
  } catch (error) {
    if (error instanceof TfqlSyntaxError) return filter;
    throw error;
  }
}
