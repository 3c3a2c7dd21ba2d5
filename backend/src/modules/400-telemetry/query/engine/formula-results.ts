import type {
  GroupsResult,
  GroupValues,
  QueryFormula,
  QueryGroup,
  QueryPart,
  TelemetryQuery,
} from '@telemetryflow/contracts';
import {
  evaluateFormula,
  parseFormula,
  referencesOf,
  unitOfFormula,
  type ColumnReference,
  type Formula,
} from './formula.js';
import { readingText, refused } from './problems.js';

/** A formula that has been read, and whose labels are there. */
export interface ReadFormula {
  readonly definition: QueryFormula;
  readonly formula: Formula;
  /** Labels that it reads, each once. */
  readonly labels: readonly string[];
  /** Of the answered groups: those of its grouped queries, which all have the same. */
  readonly groupBy: readonly string[];
}

/**
 * @throws DomainError QUERY_SYNTAX; ValidationError for unknown labels and columns, for queries that are grouped
 * differently, and for histograms
 */
export function readFormulas({ queries, formulas }: TelemetryQuery): ReadFormula[] {
  const parts = new Map(queries.map((part) => [part.label, part]));
  return formulas.map((definition, index) => {
    if (formulas.findIndex(({ label }) => label === definition.label) !== index) {
      throw refused(`formulas.${index}.label`, 'must not be the label of another formula');
    }
    const path = `formulas.${index}.expression`;
    const formula = readingText(path, () => parseFormula(definition.expression));
    const references = referencesOf(formula);
    for (const reference of references) mustExist(reference, parts, path);
    if (references.length === 0) throw refused(path, 'must name a query, such as A');
    const labels = [...new Set(references.map(({ label }) => label))];
    return { definition, formula, labels, groupBy: commonKeys(labels, parts, path) };
  });
}

/** The groups of a formula: those that each of its grouped queries has, largest first. Ungrouped ones count for all. */
export function formulaResult(
  { definition, formula, labels, groupBy }: ReadFormula,
  results: ReadonlyMap<string, GroupsResult>,
  limit: number,
): GroupsResult {
  const operands = labels.flatMap((label) => results.get(label) ?? []);
  const grouped = operands.filter((operand) => operand.groupBy.length > 0);
  const byKey = new Map(operands.map((operand) => [operand.label, groupsByKey(operand)]));
  const keys = [...new Set((grouped.length > 0 ? grouped : operands).flatMap(({ groups }) => groups.map(keyOf)))];
  const groups = keys.flatMap((key): QueryGroup[] => {
    const members = new Map(
      operands.map(({ label, groupBy: own }) => [label, byKey.get(label)?.get(own.length > 0 ? key : NO_KEYS)]),
    );
    if (grouped.some(({ label }) => members.get(label) === undefined)) return [];
    const { values, series } = combined(formula, (label) => members.get(label));
    const hasPrevious = [...members.values()].some((member) => member?.previous !== undefined);
    return [
      {
        labels: labelsOf(key),
        values,
        ...(series === undefined ? {} : { series }),
        ...(hasPrevious ? { previous: combined(formula, (label) => members.get(label)?.previous) } : {}),
      },
    ];
  });
  groups.sort(largestFirst);
  const totalGroups = Math.max(
    groups.length,
    ...grouped.map((operand) => (operand.truncated ? operand.totalGroups : 0)),
  );
  return {
    label: definition.label,
    kind: 'groups',
    groupBy: [...groupBy],
    columns: [
      {
        name: definition.alias === '' ? definition.expression : definition.alias,
        unit: unitOfFormula(formula, ({ label, column }) => results.get(label)?.columns[column]?.unit ?? ''),
      },
    ],
    groups: groups.slice(0, limit),
    totalGroups,
    truncated: totalGroups > Math.min(groups.length, limit),
  };
}

const NO_KEYS = '[]';

/** Identifies a group among those with the same keys. */
export function keyOf({ labels }: { readonly labels: readonly string[] }): string {
  return JSON.stringify(labels);
}

function labelsOf(key: string): string[] {
  return JSON.parse(key) as string[];
}

function groupsByKey({ groups }: GroupsResult): Map<string, QueryGroup> {
  return new Map(groups.map((group) => [keyOf(group), group]));
}

function combined(formula: Formula, of: (label: string) => GroupValues | undefined): GroupValues {
  const value = evaluateFormula(formula, ({ label, column }) => of(label)?.values[column] ?? null);
  const steps = Math.max(
    -1,
    ...referencesOf(formula).map(({ label, column }) => of(label)?.series?.[column]?.length ?? -1),
  );
  if (steps < 0) return { values: [value] };
  const series = Array.from({ length: steps }, (_, step) =>
    evaluateFormula(formula, ({ label, column }) => of(label)?.series?.[column]?.[step] ?? null),
  );
  return { values: [value], series: [series] };
}

function largestFirst(a: QueryGroup, b: QueryGroup): number {
  const [left = null] = a.values;
  const [right = null] = b.values;
  if (left === right) return keyOf(a) < keyOf(b) ? -1 : 1;
  if (left === null) return 1;
  return right === null ? -1 : right - left;
}

function mustExist(reference: ColumnReference, parts: ReadonlyMap<string, QueryPart>, path: string): void {
  const { label, column } = reference;
  const part = parts.get(label);
  if (part === undefined) throw refused(path, `there is no query ${label}`);
  const aggregation = part.aggregations[column];
  if (aggregation === undefined) {
    const count = part.aggregations.length;
    throw refused(path, count === 0 ? `${label} has no aggregation` : `${label} has ${count} aggregations only`);
  }
  if (aggregation.function === 'histogram') throw refused(path, `a histogram such as ${label} is no number`);
}

function commonKeys(labels: readonly string[], parts: ReadonlyMap<string, QueryPart>, path: string): readonly string[] {
  const grouped = labels.flatMap((label) => {
    const groupBy = parts.get(label)?.groupBy ?? [];
    return groupBy.length > 0 ? [{ label, groupBy }] : [];
  });
  const [first, ...others] = grouped;
  if (first === undefined) return [];
  const different = others.find(({ groupBy }) => JSON.stringify(groupBy) !== JSON.stringify(first.groupBy));
  if (different === undefined) return first.groupBy;
  throw refused(path, `${first.label} and ${different.label} must be grouped by the same keys in the same order`);
}
