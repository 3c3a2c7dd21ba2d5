import type { LogRecord } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { ancestorsOf, stickyAncestors, visibleRows } from './rows.js';
import { span } from './span.fixture.js';
import { buildTraceTree } from './trace-tree.js';
import { itemOf, logsBySpan, waterfallItems } from './waterfall-items.js';

const tree = buildTraceTree([
  span('root', '', 0, 100),
  span('a', 'root', 0, 50),
  span('a1', 'a', 0, 20),
  span('a11', 'a1', 0, 10),
  span('a2', 'a', 30, 50),
  span('b', 'root', 60, 90),
]);
const node = (id: string) => {
  const found = tree.rows.find((row) => row.span.spanId === id);
  if (!found) throw new Error(id);
  return found;
};
const ids = (rows: { span: { spanId: string } }[]) => rows.map((row) => row.span.spanId);

describe('visibleRows', () => {
  it('hides what is below collapsed spans', () => {
    expect(ids(visibleRows(tree, new Set()))).toEqual(['root', 'a', 'a1', 'a11', 'a2', 'b']);
    expect(ids(visibleRows(tree, new Set([node('a1')])))).toEqual(['root', 'a', 'a1', 'a2', 'b']);
    expect(ids(visibleRows(tree, new Set([node('a'), node('a1')])))).toEqual(['root', 'a', 'b']);
    expect(ids(visibleRows(tree, new Set([node('root')])))).toEqual(['root']);
  });
});

describe('waterfallItems', () => {
  const record = (id: string, spanId: string) => ({ id, spanId, timeUnixNano: '1000000000000000070' }) as LogRecord;
  const logs = logsBySpan([record('1', 'a'), record('2', 'a'), record('3', 'b')], 1_000_000_000_000_000_000n);
  const items = waterfallItems(visibleRows(tree, new Set([node('a')])), logs);

  it('have the log records of a span below it, at their time', () => {
    expect(items.map(({ node: { span: own }, log }) => log?.record.id ?? own.spanId)).toEqual([
      ...['root', 'a', '1', '2', 'b', '3'],
    ]);
    expect(items[2]?.log?.atNs).toBe(70);
  });

  it('find a visible span and no other', () => {
    expect(itemOf(items, node('b'))).toBe(4);
    expect(itemOf(items, node('a'))).toBe(1);
    expect(itemOf(items, node('a2'))).toBe(-1);
    expect(itemOf([], node('a'))).toBe(-1);
  });
});

describe('stickyAncestors', () => {
  const all = visibleRows(tree, new Set());
  const visible = (row: number) => all[row];

  it('pins nothing at the top', () => expect(stickyAncestors(visible, 0, 4)).toEqual([]));

  it('pins the ancestors of the first row that they leave free', () => {
    // Scrolled to a1: the pinned root covers a1, so the first free row is a11 or below.
    expect(ids(stickyAncestors(visible, 2, 4))).toEqual(['root', 'a']);
    expect(ids(stickyAncestors(visible, 1, 1))).toEqual(['a']);
  });

  it('pins no more than there is room for', () => expect(stickyAncestors(visible, 2, 1)).toHaveLength(1));
});

it('ancestorsOf goes from the root to the parent', () => {
  expect(ids(ancestorsOf(node('a11')))).toEqual(['root', 'a', 'a1']);
});
