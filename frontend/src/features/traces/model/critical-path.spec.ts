import { describe, expect, it } from 'vitest';
import { criticalPath } from './critical-path.js';
import { selfIntervals, selfTimeNs } from './self-time.js';
import { span as spanNs } from './span.fixture.js';
import { buildTraceTree, type TraceSpan } from './trace-tree.js';

/** Times in these specs are milliseconds. */
const MS = 1_000_000;
const span = (id: string, parentId: string, start: number, end: number) =>
  spanNs(id, parentId, Math.round(start * MS), Math.round(end * MS));

/** `{spanId: [[start, end], …]}` */
function pathOf(...spans: TraceSpan[]) {
  const { segments } = criticalPath(buildTraceTree(spans).main);
  return Object.fromEntries(
    [...segments].map(([node, intervals]) => [node.span.spanId, intervals.map((i) => [i.startNs / MS, i.endNs / MS])]),
  );
}

describe('criticalPath', () => {
  it('is the span itself when it has no children', () => {
    expect(pathOf(span('root', '', 0, 100))).toEqual({ root: [[0, 100]] });
  });

  it('alternates between a span and the children it waits for one after another', () => {
    expect(pathOf(span('root', '', 0, 100), span('a', 'root', 10, 40), span('b', 'root', 50, 90))).toEqual({
      root: [
        [0, 10],
        [40, 50],
        [90, 100],
      ],
      a: [[10, 40]],
      b: [[50, 90]],
    });
  });

  it('follows of parallel children the one that ends last', () => {
    expect(pathOf(span('root', '', 0, 100), span('short', 'root', 10, 50), span('long', 'root', 10, 95))).toEqual({
      root: [
        [0, 10],
        [95, 100],
      ],
      long: [[10, 95]],
    });
  });

  it('passes over a child that still ran when the next on the path began, and finds the one that ended before', () => {
    // b (50–95) decides the end; overlapping (20–60) was overtaken; a (10–40) ended before b began.
    expect(
      pathOf(
        span('root', '', 0, 100),
        span('a', 'root', 10, 40),
        span('overlapping', 'root', 20, 60),
        span('b', 'root', 50, 95),
      ),
    ).toEqual({
      root: [
        [0, 10],
        [40, 50],
        [95, 100],
      ],
      a: [[10, 40]],
      b: [[50, 95]],
    });
  });

  it('takes calls one after another as such although a clock that ticks in milliseconds lets them overlap', () => {
    expect(pathOf(span('root', '', 0, 100), span('a', 'root', 1, 3.4), span('b', 'root', 3, 100))).toEqual({
      root: [[0, 1]],
      a: [[1, 3]],
      b: [[3, 100]],
    });
    // Of a short span, half a tick is most of it: that is an overlap indeed.
    expect(pathOf(span('root', '', 0, 10), span('a', 'root', 1, 1.4), span('b', 'root', 1.1, 10))).toEqual({
      root: [[0, 1.1]],
      b: [[1.1, 10]],
    });
  });

  it('goes down the levels', () => {
    expect(
      pathOf(
        span('root', '', 0, 100),
        span('http', 'root', 10, 90),
        span('db', 'http', 20, 60),
        span('cache', 'http', 15, 18),
      ),
    ).toEqual({
      root: [
        [0, 10],
        [90, 100],
      ],
      http: [
        [10, 15],
        [18, 20],
        [60, 90],
      ],
      cache: [[15, 18]],
      db: [[20, 60]],
    });
  });

  it('counts a child that outlives its parent up to the parent’s end, and one outside not at all', () => {
    expect(pathOf(span('root', '', 0, 100), span('async', 'root', 70, 300), span('later', 'root', 150, 200))).toEqual({
      root: [[0, 70]],
      async: [[70, 100]],
    });
  });

  it('cuts a child that began before its parent, by another clock', () => {
    expect(pathOf(span('root', '', 50, 150), span('early', 'root', 0, 80))).toEqual({
      root: [[80, 150]],
      early: [[50, 80]],
    });
  });

  it('takes back-to-back children without a gap and ignores empty ones', () => {
    expect(
      pathOf(
        span('root', '', 0, 30),
        span('a', 'root', 0, 10),
        span('empty', 'root', 10, 10),
        span('b', 'root', 10, 30),
      ),
    ).toEqual({ a: [[0, 10]], b: [[10, 30]] });
  });

  it('adds up to the root’s duration without overlap, on any trace', () => {
    let seed = 42;
    const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
    for (let round = 0; round < 200; round++) {
      const spans = [span('s0', '', 200, 1_000)];
      for (let i = 1; i < 25; i++) {
        const start = random(12_000) / 10;
        spans.push(span(`s${i}`, `s${random(i)}`, start, start + random(4_000) / 10));
      }
      const root = buildTraceTree(spans).main;
      const intervals = [...criticalPath(root).segments.values()].flat().sort((a, b) => a.startNs - b.startNs);
      expect(intervals.reduce((sum, i) => sum + i.endNs - i.startNs, 0)).toBe(root?.durationNs);
      intervals.forEach((interval, i) => expect(interval.startNs).toBe(intervals[i - 1]?.endNs ?? root?.startNs));
    }
  });

  it('has nothing to say without a root', () => {
    expect(criticalPath(null)).toEqual({ segments: new Map(), totalNs: 0 });
  });
});

describe('self time', () => {
  it('is the span less the union of its children, each cut to the span', () => {
    const [root] = buildTraceTree([
      span('root', '', 100, 200),
      span('early', 'root', 90, 110),
      span('a', 'root', 120, 150),
      span('b', 'root', 140, 160),
      span('late', 'root', 195, 260),
    ]).rows.filter((node) => node.span.spanId === 'root');
    expect(root && selfIntervals(root)).toEqual([
      { startNs: 20 * MS, endNs: 30 * MS },
      { startNs: 70 * MS, endNs: 105 * MS },
    ]);
    expect(root && selfTimeNs(root)).toBe(45 * MS);
  });

  it('is the whole of a leaf', () => {
    const leaf = buildTraceTree([span('leaf', '', 0, 9)]).main;
    expect(leaf && selfTimeNs(leaf)).toBe(9 * MS);
  });
});
