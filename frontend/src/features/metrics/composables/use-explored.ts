import { TfqlSyntaxError, type QueryFormula } from '@telemetryflow/contracts';
import { computed, type ComputedRef } from 'vue';
import { PART_LABELS } from '../../../lib/telemetry-query.js';
import { useUrlQuery } from '../../../lib/url-query.js';
import {
  fromStatements,
  queryOf,
  toStatements,
  type Explored,
  type MetricQuery,
  type Show,
} from '../model/metric-query.js';

const NOTHING: Explored = { queries: [], formulas: [] };
const MAX_FORMULAS = 8;

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
  const writeQueries = (queries: readonly MetricQuery[]) => write({ ...explored.value, queries });
  const writeFormulas = (formulas: readonly QueryFormula[]) => write({ ...explored.value, formulas });
  const freeLabel = () => PART_LABELS.find((label) => !explored.value.queries.some((query) => query.label === label));

  return {
    explored,
    /** Why the statements of the URL can't be read; empty when they can. */
    problem: computed(() => read.value.problem),
    mayAddQuery: computed(() => freeLabel() !== undefined),
    mayAddFormula: computed(() => explored.value.formulas.length < MAX_FORMULAS),
    set: write,
    /** Shows one metric alone. */
    open: (metric: string) => write({ queries: [queryOf(metric)], formulas: [] }),
    /** One more query, like the last one. */
    addQuery: () => {
      const { queries } = explored.value;
      const [label, last] = [freeLabel(), queries.at(-1)];
      return label === undefined || last === undefined ? undefined : writeQueries([...queries, { ...last, label }]);
    },
    change: (label: string, changes: Partial<Omit<MetricQuery, 'label'>>) =>
      writeQueries(explored.value.queries.map((query) => (query.label === label ? { ...query, ...changes } : query))),
    clearFilters: () => writeQueries(explored.value.queries.map((query) => ({ ...query, filter: '' }))),
    /** Formulas that name it go along: without it they mean nothing. */
    remove: (label: string) =>
      write({
        queries: explored.value.queries.filter((query) => query.label !== label),
        formulas: explored.value.formulas.filter(({ expression }) => !new RegExp(`\\b${label}\\b`).test(expression)),
      }),
    addFormula: (expression: string) => {
      const label = nextFormulaLabel(explored.value.formulas);
      return writeFormulas([...explored.value.formulas, { label, expression, alias: '' }]);
    },
    changeFormula: (label: string, expression: string) =>
      writeFormulas(
        explored.value.formulas.map((formula) => (formula.label === label ? { ...formula, expression } : formula)),
      ),
    /** What is wrong with an expression in place of a formula's own; empty when nothing is. */
    problemOf: (label: string, expression: string): string => {
      const formulas = explored.value.formulas.map((one) => (one.label === label ? { ...one, expression } : one));
      try {
        fromStatements(toStatements({ ...explored.value, formulas }));
        return '';
      } catch (error) {
        if (!(error instanceof TfqlSyntaxError)) throw error;
        return `${error.problem}; ${error.suggestion}`;
      }
    },
    removeFormula: (label: string) =>
      writeFormulas(explored.value.formulas.filter((formula) => formula.label !== label)),
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

function nextFormulaLabel(formulas: readonly QueryFormula[]): string {
  for (let n = 1; ; n += 1) {
    if (formulas.every(({ label }) => label !== `F${n}`)) return `F${n}`;
  }
}
