import type { QueryResponse } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import { panelsOf, type PanelWords } from './panels.js';

const words: PanelWords = {
  titleOf: (label) => ({ A: 'requests', B: 'latency', F1: 'ratio' })[label] ?? label,
  earlier: '1d earlier',
  colorOf: (position, [service], keys) => (keys.join() === 'service.name' ? `#${service}` : `#${position}`),
};
const meta: QueryResponse['meta'] = {
  from: '2026-01-01T00:00:00Z',
  to: '2026-01-01T00:02:00Z',
  timeZone: 'UTC',
  stepMs: 60_000,
  times: [0, 60_000],
  cache: 'miss',
  elapsedMs: 1,
  rowsRead: 1,
  bytesRead: 1,
  notes: [],
};
const result = (label: string, unit: string, more: object = {}) => ({
  label,
  kind: 'groups' as const,
  groupBy: [],
  columns: [{ name: 'rate', unit }],
  groups: [{ labels: [], values: [1], series: [[1, null]] }],
  totalGroups: 1,
  truncated: false,
  ...more,
});

it('draws queries of one unit in one chart, and others in another', () => {
  const panels = panelsOf({ results: [result('A', '1/s'), result('B', 'ms'), result('F1', '1/s')], meta }, words);
  expect(panels.map(({ unit, kind }) => [kind, unit])).toEqual([
    ['lines', '1/s'],
    ['lines', 'ms'],
  ]);
  expect(panels[0]).toMatchObject({
    labels: ['A', 'F1'],
    series: [
      {
        name: 'A · requests',
        points: [
          [0, 1],
          [60_000, null],
        ],
      },
      { name: 'F1 · ratio', color: '#1' },
    ],
  });
});

it('names groups by their labels, and an earlier period beside each', () => {
  const group = { labels: ['shop'], values: [1], series: [[1, 2]], previous: { values: [3], series: [[3, 4]] } };
  const [panel] = panelsOf(
    { results: [result('A', '1', { groupBy: ['service.name'], groups: [group] })], meta },
    words,
  );
  expect(panel).toMatchObject({
    series: [
      { name: 'shop', color: '#shop' },
      {
        name: 'shop (1d earlier)',
        dashed: true,
        points: [
          [0, 3],
          [60_000, 4],
        ],
      },
    ],
  });
});

it('draws a distribution with its percentiles', () => {
  const distribution = {
    bounds: [0, 1, 2],
    counts: [
      [1, 0],
      [0, 2],
    ],
  };
  const group = {
    labels: [],
    values: [null, 1],
    series: [
      [null, null],
      [0.5, 1.5],
    ],
    distributions: [distribution, null],
  };
  const columns = [
    { name: 'histogram', unit: 's' },
    { name: 'p95', unit: 's' },
  ];
  const [panel] = panelsOf({ results: [result('A', 's', { columns, groups: [group] })], meta }, words);
  expect(panel).toMatchObject({
    kind: 'heatmap',
    unit: 's',
    distribution,
    lines: [
      {
        name: 'p95',
        points: [
          [0, 0.5],
          [60_000, 1.5],
        ],
      },
    ],
  });
});

it('names several percentiles of one metric by themselves', () => {
  const columns = [
    { name: 'p50', unit: 's' },
    { name: 'p95', unit: 's' },
  ];
  const group = { labels: [], values: [1, 2], series: [[1], [2]] };
  const [panel] = panelsOf({ results: [result('B', 's', { columns, groups: [group] })], meta }, words);
  expect(panel?.kind === 'lines' && panel.series.map(({ name }) => name)).toEqual(['p50', 'p95']);
});
