import { TfqlSyntaxError } from '@telemetryflow/contracts';
import { computed, type ComputedRef } from 'vue';
import { useUrlQuery } from '../../../lib/url-query.js';
import {
  addFormula,
  addQuery,
  changeFormula,
  changeQuery,
  clearFilters,
  formulaProblem,
  mayAddFormula,
  mayAddQuery,
  removeFormula,
  removeQuery,
} from '../model/explored-edits.js';
import {
  fromStatements,
  queryOf,
  toStatements,
  type Explored,
  type MetricQuery,
  type Show,
} from '../model/metric-query.js';

const NOTHING: Explored = { queries: [], formulas: [] };

/**
 * What is explored: it lives in the URL. One query has parameters of its own (`metric`, `agg`, `by`, `filter`), several
 * and formulas are statements (`q`); `step`, `compare` and `scale` go with both.
 */
export function useExplored() {
  const url = useUrlQuery();
  const read = computed((): { explored: Explored; problem: string } => {
    const statements = url.get('q');
    if (statements === '') return { explored: single(url.get), problem: '' };
    try {
      return { explored: fromStatements(statements), problem: '' };
    } catch (error) {
      if (!(error instanceof TfqlSyntaxError)) throw error;
      return { explored: NOTHING, problem: error.message };
    }
  });
  const explored: ComputedRef<Explored> = computed(() => read.value.explored);

  const write = ({ queries, formulas }: Explored) => {
    const [first] = queries;
    if (first === undefined) return url.patch({ metric: '', agg: '', by: '', filter: '', q: '' });
    const { metric } = first;
    if (queries.length === 1 && formulas.length === 0 && first.label === 'A' && !first.hidden) {
      return url.patch({ metric, agg: first.show, by: first.groupBy.join(','), filter: first.filter, q: '' });
    }
    return url.patch({ metric, agg: '', by: '', filter: '', q: toStatements({ queries, formulas }) });
  };

  return {
    explored,
    /** Why the statements of the URL can't be read; empty when they can. */
    problem: computed(() => read.value.problem),
    mayAddQuery: computed(() => mayAddQuery(explored.value)),
    mayAddFormula: computed(() => mayAddFormula(explored.value)),
    set: write,
    /** Shows one metric alone. */
    open: (metric: string) => write({ queries: [queryOf(metric)], formulas: [] }),
    addQuery: () => {
      const more = addQuery(explored.value);
      // A statement that can't be read has no query to be like: it stays for its author to mend.
      return more === explored.value ? undefined : write(more);
    },
    change: (label: string, changes: Partial<Omit<MetricQuery, 'label'>>) =>
      write(changeQuery(explored.value, label, changes)),
    clearFilters: () => write(clearFilters(explored.value)),
    remove: (label: string) => write(removeQuery(explored.value, label)),
    addFormula: (expression: string) => write(addFormula(explored.value, expression)),
    changeFormula: (label: string, expression: string) => write(changeFormula(explored.value, label, expression)),
    problemOf: (label: string, expression: string) => formulaProblem(explored.value, label, expression),
    removeFormula: (label: string) => write(removeFormula(explored.value, label)),
  };
}

function single(get: (name: string) => string): Explored {
  const metric = get('metric');
  if (metric === '') return NOTHING;
  const groupBy = get('by').split(',').filter(Boolean);
  return {
    queries: [{ ...queryOf(metric), show: get('agg') as Show | '', groupBy, filter: get('filter') }],
    formulas: [],
  };
}
