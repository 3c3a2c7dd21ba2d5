import { describe, expect, it } from 'vitest';
import { criticalPath } from './critical-path.js';
import { buildFlame, layoutFlame, type FlameFrame } from './flame.js';
import { listOperations } from './operations.js';
import { runInTurns, runNow } from './pieces.js';
import { span } from './span.fixture.js';
import { buildTraceGraph, readPeers } from './trace-graph.js';
import { buildTraceTree } from './trace-tree.js';

const peers = readPeers({
  peers: [
    { kind: 'database', system: 'postgresql', name: 'orders' },
    { kind: 'external', system: '', name: 'cart.internal' },
  ],
  spans: [
    ['q1', 0],
    ['q2', 0],
    ['call', 1],
  ],
});

/**
 *     shop  root     0 ─────────────────── 100
 *     shop    query    10 ── 30                     → orders
 *     shop    query          30 ── 40   (error)     → orders
 *     shop    call              50 ─────── 90       → cart.internal, which answered
 *     cart      serve             55 ── 85
 */
const tree = buildTraceTree([
  span('root', '', 0, 100),
  span('q1', 'root', 10, 30, { name: 'query', kind: 'client' }),
  span('q2', 'root', 30, 40, { name: 'query', kind: 'client', statusCode: 'error' }),
  span('call', 'root', 50, 90, { kind: 'client' }),
  span('serve', 'call', 55, 85, { serviceName: 'cart', kind: 'server' }),
]);

describe('the flame graph', () => {
  const root = runNow(buildFlame(tree));
  const outline = (frame: FlameFrame): unknown => [
    frame.name,
    frame.count,
    frame.selfNs,
    frame.workNs,
    frame.children.map(outline),
  ];

  it('puts spans of one operation below one chain together, widest first', () => {
    expect(outline(root)).toEqual([
      '',
      0,
      0,
      100,
      [
        [
          'root',
          1,
          30,
          100,
          [
            ['call', 1, 10, 40, [['serve', 1, 30, 30, []]]],
            ['query', 2, 30, 30, []],
          ],
        ],
      ],
    ]);
    expect(root.children[0]?.children[1]).toMatchObject({ errorCount: 1, totalNs: 30 });
  });

  it('adds up work that was done side by side', () => {
    const parallel = buildTraceTree([span('a', '', 0, 100), span('b', 'a', 0, 100), span('c', 'a', 0, 100)]);
    expect(runNow(buildFlame(parallel)).workNs).toBe(200);
  });

  it('lays out a frame over the whole width, below all that is above it, and parts nothing wider than the whole', () => {
    const call = root.children[0]?.children[0];
    if (!call) throw new Error('no call');
    expect(layoutFlame(call).map(({ frame, left, width }) => [frame.name, left, width])).toEqual([
      ['', 0, 100],
      ['root', 0, 100],
      ['call', 0, 100],
      ['serve', 0, 75],
    ]);
  });

  it('holds for a chain as deep as the largest trace', () => {
    const chain = Array.from({ length: 50_000 }, (_, i) => span(`s${i}`, i === 0 ? '' : `s${i - 1}`, i, 100_000 - i));
    const deep = runNow(buildFlame(buildTraceTree(chain)));
    expect(deep.workNs).toBe(100_000);
    expect(layoutFlame(deep).length).toBeLessThan(100);
  });
});

it('the operations add up their spans, their own work and what the trace waited for', () => {
  const operations = runNow(listOperations(tree, criticalPath(tree.main)));
  expect(
    operations.map(({ name, count, errorCount, selfNs, totalNs, maxNs, criticalNs }) => [
      name,
      count,
      errorCount,
      selfNs,
      totalNs,
      maxNs,
      criticalNs,
    ]),
  ).toEqual([
    ['root', 1, 0, 30, 100, 100, 30],
    ['query', 2, 1, 30, 30, 20, 30],
    ['serve', 1, 0, 30, 30, 30, 30],
    ['call', 1, 0, 10, 40, 40, 10],
  ]);
  expect(operations.reduce((sum, { criticalNs }) => sum + criticalNs, 0)).toBe(tree.durationNs);
});

it('the map has services, what they called outside, and no second edge for a call that was answered', () => {
  const { nodes, edges } = runNow(buildTraceGraph(tree, peers));
  expect(nodes.map(({ id, spanCount, errorCount, selfNs }) => [id, spanCount, errorCount, selfNs])).toEqual([
    ['service:shop', 4, 1, 70],
    ['database:orders', 2, 1, 0],
    ['service:cart', 1, 0, 30],
  ]);
  expect(edges).toEqual([
    { source: 'service:shop', target: 'database:orders', calls: 2, errors: 1, totalNs: 30 },
    { source: 'service:shop', target: 'service:cart', calls: 1, errors: 0, totalNs: 30 },
  ]);
});

describe('work in turns', () => {
  it('comes to the same result as at once', async () => {
    const inTurns = await runInTurns(buildTraceGraph(tree, peers), new AbortController().signal);
    expect(inTurns).toEqual(runNow(buildTraceGraph(tree, peers)));
  });

  it('ends without a result when nobody wants it any more', async () => {
    const abort = new AbortController();
    function* endless() {
      for (;;) yield;
    }
    const work = runInTurns(endless(), abort.signal);
    abort.abort();
    expect(await work).toBeUndefined();
  });
});
