import { TfqlSyntaxError } from '@telemetryflow/contracts';
import { PART_LABELS } from '../../../lib/telemetry-query.js';
import { fromStatements, toStatements, type Explored, type MetricQuery } from './metric-query.js';

const MAX_FORMULAS = 8;

const freeLabel = ({ queries }: Explored) =>
  PART_LABELS.find((label) => queries.every((query) => query.label !== label));

export const mayAddQuery = (explored: Explored) => freeLabel(explored) !== undefined;

/** One more query, like the last one; the same where there is no label left, or nothing to be like. */
export function addQuery(explored: Explored): Explored {
  const [label, last] = [freeLabel(explored), explored.queries.at(-1)];
  if (label === undefined || last === undefined) return explored;
  return { ...explored, queries: [...explored.queries, { ...last, label }] };
}

export function changeQuery(explored: Explored, label: string, changes: Partial<Omit<MetricQuery, 'label'>>): Explored {
  return {
    ...explored,
    queries: explored.queries.map((query) => (query.label === label ? { ...query, ...changes } : query)),
  };
}

export function clearFilters(explored: Explored): Explored {
  return { ...explored, queries: explored.queries.map((query) => ({ ...query, filter: '' })) };
}

/** Formulas that name it go along: without it they mean nothing. */
export function removeQuery({ queries, formulas }: Explored, label: string): Explored {
  return {
    queries: queries.filter((query) => query.label !== label),
    formulas: formulas.filter(({ expression }) => !new RegExp(`\\b${label}\\b`).test(expression)),
  };
}

export const mayAddFormula = ({ formulas }: Explored) => formulas.length < MAX_FORMULAS;

export function addFormula(explored: Explored, expression: string): Explored {
  const { formulas } = explored;
  let n = 1;
  while (formulas.some(({ label }) => label === `F${n}`)) n += 1;
  return { ...explored, formulas: [...formulas, { label: `F${n}`, expression, alias: '' }] };
}

export function changeFormula(explored: Explored, label: string, expression: string): Explored {
  return {
    ...explored,
    formulas: explored.formulas.map((formula) => (formula.label === label ? { ...formula, expression } : formula)),
  };
}

export function removeFormula(explored: Explored, label: string): Explored {
  return { ...explored, formulas: explored.formulas.filter((formula) => formula.label !== label) };
}

/** What is wrong with an expression in place of a formula's own; empty when nothing is. */
export function formulaProblem(explored: Explored, label: string, expression: string): string {
  try {
    fromStatements(toStatements(changeFormula(explored, label, expression)));
    return '';
  } catch (error) {
    if (!(error instanceof TfqlSyntaxError)) throw error;
    return `${error.problem}; ${error.suggestion}`;
  }
}
