import { expect, it } from 'vitest';
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
} from './explored-edits.js';
import { queryOf, type Explored } from './metric-query.js';

const one: Explored = { queries: [{ ...queryOf('cpu'), filter: 'a:1' }], formulas: [] };
const labels = ({ queries, formulas }: Explored) => [...queries, ...formulas].map(({ label }) => label).join(' ');

it('adds a query like the last one under the first label that is free', () => {
  const three = addQuery(addQuery(one));
  expect(labels(three)).toBe('A B C');
  const again = addQuery(removeQuery(three, 'B'));
  expect(again.queries.at(-1)).toEqual({ ...one.queries[0], label: 'B' });
});

it('adds no query without a label or an example', () => {
  let all = one;
  while (mayAddQuery(all)) all = addQuery(all);
  expect(labels(all)).toBe('A B C D E F G H');
  expect(addQuery(all)).toBe(all);
  expect(addQuery({ queries: [], formulas: [] })).toEqual({ queries: [], formulas: [] });
});

it('changes one query, or the filters of all', () => {
  const two = changeQuery(addQuery(one), 'B', { metric: 'memory' });
  expect(two.queries.map(({ metric, filter }) => [metric, filter])).toEqual([
    ['cpu', 'a:1'],
    ['memory', 'a:1'],
  ]);
  expect(clearFilters(two).queries.map(({ metric, filter }) => [metric, filter])).toEqual([
    ['cpu', ''],
    ['memory', ''],
  ]);
});

it('removes with a query the formulas that name it', () => {
  const explored = ['A / B', 'B * 2', 'log(AB)'].reduce(addFormula, addQuery(one));
  expect(labels(explored)).toBe('A B F1 F2 F3');
  expect(labels(removeQuery(explored, 'A'))).toBe('B F2 F3');
});

it('gives a formula the first label that is free, up to eight', () => {
  const two = addFormula(addFormula(one, 'A'), 'A * 2');
  expect(addFormula(removeFormula(two, 'F1'), 'A * 3').formulas).toEqual([
    { label: 'F2', expression: 'A * 2', alias: '' },
    { label: 'F1', expression: 'A * 3', alias: '' },
  ]);
  let all = one;
  while (mayAddFormula(all)) all = addFormula(all, 'A');
  expect(all.formulas).toHaveLength(8);
});

it('says what is wrong with a formula before it is changed', () => {
  const explored = addFormula(one, 'A * 2');
  expect(formulaProblem(explored, 'F1', 'A * 60')).toBe('');
  expect(formulaProblem(explored, 'F1', 'A *')).not.toBe('');
  expect(changeFormula(explored, 'F1', 'A * 60').formulas[0]?.expression).toBe('A * 60');
});
