import type { Distribution, GroupsResult, QueryResult, QueryMeta } from '@telemetryflow/contracts';
import type { Table } from '../../lib/download.js';
import { formatDateTime, formatUnit } from '../../lib/format.js';
import type { ChartSeries } from '../../ui/charts/series.js';

/** Words for what has no name: a group without keys, a key without value, an earlier period. */
export interface ResultWords {
  readonly all: string;
  readonly empty: string;
  earlier(name: string): string;
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly ChartSeries[];
}

/** What a group is called: the values of its keys. */
export function groupName(labels: readonly string[], words: ResultWords): string {
  return labels.length === 0 ? words.all : labels.map((label) => label || words.empty).join(' · ');
}

/** A chart per aggregation that has steps, a group and its earlier period in one colour; none for histograms and for answers without steps. */
export function chartsOf(
  result: GroupsResult,
  { times }: Pick<QueryMeta, 'times'>,
  words: ResultWords,
  colorOf: (group: number) => string,
): Chart[] {
  return result.columns.flatMap(({ name, unit }, column) => {
    const series = result.groups.flatMap(({ labels, series: own, distributions, previous }, i): ChartSeries[] => {
      const color = colorOf(i);
      const values = own?.[column];
      if (values === undefined || distributions?.[column]) return [];
      const group = groupName(labels, words);
      const title = labels.length === 0 ? name : group;
      const points = (some: readonly (number | null)[]) =>
        times.map((time, step) => [time, some[step] ?? null] as const);
      const earlier = previous?.series?.[column];
      return [
        { name: title, color, points: points(values) },
        ...(earlier ? [{ name: words.earlier(title), color, dashed: true, points: points(earlier) }] : []),
      ];
    });
    return series.length === 0 ? [] : [{ title: name, unit, series }];
  });
}

export interface Heatmap {
  readonly title: string;
  readonly unit: string;
  readonly distribution: Distribution;
}

/** More would not be compared by anybody. */
const MAX_HEATMAPS = 4;

/** Histograms of the first groups over time. */
export function heatmapsOf(result: GroupsResult, { stepMs }: Pick<QueryMeta, 'stepMs'>, words: ResultWords): Heatmap[] {
  if (stepMs === null) return [];
  const maps = result.groups.flatMap(({ labels, distributions = [] }) =>
    distributions.flatMap((distribution, column): Heatmap[] => {
      const { name = '', unit = '' } = result.columns[column] ?? {};
      const title = labels.length === 0 ? name : `${name} · ${groupName(labels, words)}`;
      return distribution === null ? [] : [{ title, unit, distribution }];
    }),
  );
  return maps.slice(0, MAX_HEATMAPS);
}

/** What is answered, as a table: keys and values over the whole range, or the records. */
export function tableOf(result: QueryResult): Table {
  const names = result.columns.map(({ name }) => name);
  if (result.kind === 'rows') return { columns: names, rows: result.rows };
  return {
    columns: [...result.groupBy, ...names],
    rows: result.groups.map(({ labels, values }) => [...labels, ...values]),
  };
}

/** A cell of the table for people: values in their units, instants in the chosen zone, structure as JSON. */
export function cellText(result: QueryResult, cell: unknown, column: number, words: ResultWords): string {
  const keys = result.kind === 'groups' ? result.groupBy.length : 0;
  if (column < keys) return String(cell) || words.empty;
  const { name = '', unit = '' } = result.columns[column - keys] ?? {};
  if (result.kind === 'groups') return formatUnit(cell as number | null, unit);
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'object') return JSON.stringify(cell);
  const text = String(cell);
  if (name === 'timestamp' && Number.isFinite(Date.parse(text))) return formatDateTime(text, 'ms');
  return unit !== '' && Number.isFinite(Number(text)) ? formatUnit(Number(text), unit) : text;
}
