import { describe, expect, it } from 'vitest';
import { span } from './span.fixture.js';
import { buildTraceTree } from './trace-tree.js';

const outline = (spans: Parameters<typeof buildTraceTree>[0]) =>
  buildTraceTree(spans).rows.map((node) => '-'.repeat(node.depth) + node.span.spanId);

describe('buildTraceTree', () => {
  it('puts parents before children and siblings in order of start, whatever the order of arrival', () => {
    expect(
      outline([
        span('c', 'root', 50, 60),
        span('b1', 'b', 15, 20),
        span('root', '', 0, 100),
        span('b', 'root', 10, 40),
      ]),
    ).toEqual(['root', '-b', '--b1', '-c']);
  });

  it('measures time from the first span and keeps nanoseconds exact', () => {
    const tree = buildTraceTree([span('root', '', 7, 1_000_000_008)], 1_763_632_800_000_000_000n);
    expect(tree.rows[0]).toMatchObject({ startNs: 0, endNs: 1_000_000_001, durationNs: 1_000_000_001 });
    expect(tree.durationNs).toBe(1_000_000_001);
    expect(tree.startUnixNano).toBe(1_763_632_800_000_000_007n);
  });

  it('is empty without spans', () => {
    expect(buildTraceTree([])).toMatchObject({ rows: [], main: null, durationNs: 0 });
  });

  it('shows a span whose parent is missing as a root and says so', () => {
    const tree = buildTraceTree([
      span('orphan', 'gone', 5, 9),
      span('child', 'orphan', 6, 7),
      span('root', '', 10, 20),
    ]);
    expect(tree.rows.map((node) => [node.span.spanId, node.depth, node.missingParent])).toEqual([
      ['orphan', 0, true],
      ['child', 1, false],
      ['root', 0, false],
    ]);
    expect(tree.missingParentCount).toBe(1);
    expect(tree.main?.span.spanId).toBe('root');
  });

  it('takes an orphan as the main root when the true root has not arrived', () => {
    expect(buildTraceTree([span('late', 'gone', 5, 9), span('first', 'gone', 1, 3)]).main?.span.spanId).toBe('first');
  });

  it('keeps a span id that was sent twice, with the children under the first', () => {
    expect(outline([span('a', '', 0, 10), span('a', '', 0, 10), span('b', 'a', 1, 2)])).toEqual(['a', '-b', 'a']);
    expect(outline([span('a', 'a', 0, 10), span('b', 'a', 1, 2)])).toEqual(['a', '-b']);
  });

  it('cuts a cycle of parents at its earliest span', () => {
    expect(outline([span('x', 'z', 3, 9), span('y', 'x', 1, 9), span('z', 'y', 2, 9), span('root', '', 0, 9)])).toEqual(
      ['root', 'y', '-z', '--x'],
    );
  });

  it('counts what is below and carries errors upwards', () => {
    const tree = buildTraceTree([
      span('root', '', 0, 100),
      span('a', 'root', 0, 10),
      span('a1', 'a', 1, 2, { statusCode: 'error' }),
      span('b', 'root', 20, 30),
    ]);
    expect(tree.rows.map((node) => [node.span.spanId, node.descendantCount, node.errorBelow])).toEqual([
      ['root', 3, true],
      ['a', 1, true],
      ['a1', 0, false],
      ['b', 0, false],
    ]);
    expect(tree.errorCount).toBe(1);
  });

  it('tells clock skew between services from what rightly does not nest', () => {
    const MS = 1_000_000;
    const skewMs = (more: Parameters<typeof span>[4], start: number, end: number) =>
      (buildTraceTree([
        span('root', '', 100 * MS, 200 * MS),
        span('child', 'root', start * MS, end * MS, more),
      ]).rows.find((node) => node.span.spanId === 'child')?.skewNs ?? NaN) / MS;
    expect(skewMs({ serviceName: 'cart' }, 90, 150)).toBe(10);
    expect(skewMs({ serviceName: 'cart' }, 150, 230)).toBe(30);
    expect(skewMs({ serviceName: 'cart' }, 100, 200)).toBe(0);
    expect(skewMs({ serviceName: 'cart' }, 99, 201)).toBe(0);
    expect(skewMs({ serviceName: 'cart', kind: 'consumer' }, 150, 900)).toBe(0);
    expect(skewMs({}, 150, 230)).toBe(0);
  });

  it('arranges a chain of 50,000 spans without running out of stack', () => {
    const chain = Array.from({ length: 50_000 }, (_, i) => span(`s${i}`, i === 0 ? '' : `s${i - 1}`, i, 100_000 - i));
    const tree = buildTraceTree(chain);
    expect(tree.rows.at(-1)?.depth).toBe(49_999);
    expect(tree.rows[0]?.descendantCount).toBe(49_999);
  });
});
