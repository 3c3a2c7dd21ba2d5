import type { GroupsResult } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import { cellText, chartsOf, heatmapsOf, tableOf } from './results.js';

const words = { all: 'all', empty: '(none)', earlier: (name: string) => `${name}, earlier` };
const color = (group: number) => `#00000${group}`;
const result: GroupsResult = {
  label: 'A',
  kind: 'groups',
  groupBy: ['http.route'],
  columns: [
    { name: 'count', unit: '{span}' },
    { name: 'histogram(duration)', unit: 'ns' },
  ],
  groups: [
    {
      labels: ['/cart'],
      values: [3, null],
      series: [[1, null], []],
      distributions: [null, { bounds: [0, 1], counts: [[1], [2]] }],
      previous: { values: [1, null], series: [[0, 1], []] },
    },
    { labels: [''], values: [2, null], series: [[2, 0], []] },
  ],
  totalGroups: 2,
  truncated: false,
};

it('draws a chart per aggregation, with gaps and the earlier period', () => {
  expect(chartsOf({ ...result, columns: result.columns.slice(0, 1) }, { times: [10, 20] }, words, color)).toEqual([
    {
      title: 'count',
      unit: '{span}',
      series: [
        {
          name: '/cart',
          color: '#000000',
          points: [
            [10, 1],
            [20, null],
          ],
        },
        {
          name: '/cart, earlier',
          color: '#000000',
          dashed: true,
          points: [
            [10, 0],
            [20, 1],
          ],
        },
        {
          name: '(none)',
          color: '#000001',
          points: [
            [10, 2],
            [20, 0],
          ],
        },
      ],
    },
  ]);
  const plain = { ...result, groups: [{ labels: ['/cart'], values: [3, null] }] };
  expect(chartsOf(plain, { times: [] }, words, color)).toEqual([]);
});

it('names a lone group by its aggregation', () => {
  const lone = { ...result, groupBy: [], groups: [{ labels: [], values: [3], series: [[3]] }] };
  expect(chartsOf(lone, { times: [10] }, words, color)[0]?.series).toEqual([
    { name: 'count', color: '#000000', points: [[10, 3]] },
  ]);
});

it('shows histograms over time as heatmaps', () => {
  expect(heatmapsOf(result, { stepMs: 10 }, words)).toEqual([
    { title: 'histogram(duration) · /cart', unit: 'ns', distribution: { bounds: [0, 1], counts: [[1], [2]] } },
  ]);
  expect(heatmapsOf(result, { stepMs: null }, words)).toEqual([]);
});

it('tables keys and values, or records', () => {
  expect(tableOf(result)).toEqual({
    columns: ['http.route', 'count', 'histogram(duration)'],
    rows: [
      ['/cart', 3, null],
      ['', 2, null],
    ],
  });
  const columns = [{ name: 'body', unit: '' }];
  expect(tableOf({ label: 'A', kind: 'rows', columns, rows: [['x']], truncated: false })).toEqual({
    columns: ['body'],
    rows: [['x']],
  });
});

it('writes cells for people', () => {
  expect(cellText(result, '', 0, words)).toBe('(none)');
  expect(cellText(result, 3, 1, words)).toMatch(/^3\sspan$/);
  const columns = ['timestamp', 'duration', 'body'].map((name) => ({ name, unit: name === 'duration' ? 'ns' : '' }));
  const rows = { label: 'A', kind: 'rows', columns, rows: [], truncated: false } as const;
  const cells = ['2026-03-10T00:00:00.000000000Z', '1500000', { a: 1 }];
  expect(cellText({ ...rows, rows: [] }, cells[1], 1, words)).toMatch(/^1.5\d*\sms$/);
  expect(cellText({ ...rows, rows: [] }, cells[2], 2, words)).toBe('{"a":1}');
  expect(cellText({ ...rows, rows: [] }, cells[0], 0, words)).toMatch(/2026/);
});
