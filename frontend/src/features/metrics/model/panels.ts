import type { Distribution, GroupsResult, GroupValues, QueryGroup, QueryResponse } from '@telemetryflow/contracts';
import type { ChartSeries, Point } from '../../../ui/charts/series.js';

/** Lines of one unit, in one chart. */
export interface LinePanel {
  readonly kind: 'lines';
  readonly key: string;
  readonly unit: string;
  readonly series: readonly ChartSeries[];
  /** Labels of the queries and formulas whose lines it has. */
  readonly labels: readonly string[];
}
/** One distribution over time. */
export interface HeatmapPanel {
  readonly kind: 'heatmap';
  readonly key: string;
  readonly unit: string;
  readonly label: string;
  readonly distribution: Distribution;
  readonly lines: readonly ChartSeries[];
}
export type Panel = LinePanel | HeatmapPanel;

export interface PanelWords {
  /** What a query is called: its metric, or the formula's name. */
  titleOf(label: string): string;
  /** Behind the name of an earlier period's line. */
  readonly earlier: string;
  /** Of the n-th line of a chart, which has these labels. */
  colorOf(position: number, labels: readonly string[], keys: readonly string[]): string;
}

/** The charts of an answer: one per unit, so that every axis means one thing, and one per heatmap. */
export function panelsOf(response: QueryResponse, words: PanelWords): Panel[] {
  const results = response.results.filter((result): result is GroupsResult => result.kind === 'groups');
  const { times } = response.meta;
  const isAlone = results.length === 1;
  const lines = new Map<string, LinePanel>();
  const heatmaps: HeatmapPanel[] = [];
  for (const result of results) {
    if (result.groups.some(({ distributions }) => distributions?.some((one) => one !== null) === true)) {
      heatmaps.push(heatmapOf(result, times));
      continue;
    }
    const unit = result.columns[0]?.unit ?? '';
    const known = lines.get(unit);
    lines.set(unit, {
      kind: 'lines',
      key: `lines ${unit}`,
      unit,
      series: [...(known?.series ?? []), ...linesOf(result, times, words, { isAlone, position: countLines(known) })],
      labels: [...(known?.labels ?? []), result.label],
    });
  }
  return [...lines.values(), ...heatmaps];
}

function heatmapOf({ label, columns, groups }: GroupsResult, times: readonly number[]): HeatmapPanel {
  const [group] = groups;
  const at = group?.distributions?.findIndex((one) => one !== null) ?? -1;
  return {
    kind: 'heatmap',
    key: `heatmap ${label}`,
    unit: columns[at]?.unit ?? '',
    label,
    distribution: group?.distributions?.[at] ?? { bounds: [], counts: [] },
    lines: columns.flatMap(({ name }, i) => (i === at ? [] : [{ name, points: pointsOf(group, i, times) }])),
  };
}

function countLines(panel: LinePanel | undefined): number {
  return panel?.series.filter(({ dashed }) => dashed !== true).length ?? 0;
}

function linesOf(
  result: GroupsResult,
  times: readonly number[],
  words: PanelWords,
  { isAlone, position }: { readonly isAlone: boolean; readonly position: number },
): ChartSeries[] {
  const { columns, groupBy, label } = result;
  const isSeveral = columns.length > 1;
  return result.groups.flatMap((group, row) =>
    columns.flatMap(({ name: column }, i): ChartSeries[] => {
      const own = groupBy.length === 0 && isSeveral ? '' : nameOf(group, result, words.titleOf(label));
      const name = [isAlone ? '' : label, isSeveral ? column : '', own].filter((part) => part !== '').join(' · ');
      const color = words.colorOf(position + row * columns.length + i, group.labels, isSeveral ? [] : groupBy);
      const line = { name, color, points: pointsOf(group, i, times) };
      const before = group.previous;
      if (before === undefined) return [line];
      const dashed = { name: `${name} (${words.earlier})`, color, points: pointsOf(before, i, times), dashed: true };
      return [line, dashed];
    }),
  );
}

/** What tells a group from the others: its label values, or the query's own name when nothing was grouped. */
function nameOf({ labels }: QueryGroup, { groupBy }: GroupsResult, title: string): string {
  return groupBy.length === 0 ? title : labels.map((value) => value || '–').join(' · ');
}

function pointsOf(values: GroupValues | undefined, column: number, times: readonly number[]): Point[] {
  const line = values?.series?.[column] ?? [];
  return times.map((time, i): Point => [time, line[i] ?? null]);
}
