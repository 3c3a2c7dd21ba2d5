import type { EChartsCoreOption } from 'echarts/core';
import { formatUnit } from '../../lib/format.js';
import { hatchPattern, timeAxisOption, valueAxisOption } from './chart-options.js';
import { gridOf, type Plot } from './plot.js';
import type { ChartSeries } from './series.js';
import type { ValueAxis } from './value-axis.js';

export type ColoredSeries = ChartSeries & { readonly color: string };
export type SeriesType = 'line' | 'bar' | 'area';

export interface TimeSeriesOption {
  readonly series: readonly ColoredSeries[];
  readonly type: SeriesType;
  readonly stacked: boolean;
  readonly unit: string;
  readonly plot: Plot;
  readonly axis: ValueAxis;
  /** Decades instead of even distances; `axis` then holds the first and the last. */
  readonly isLog: boolean;
  readonly stepMs: number | null;
  /** Where the hatching begins, in Unix ms; null for none. */
  readonly incompleteFromMs: number | null;
  /** Drawn strong, the others faint; null for all alike. */
  readonly highlighted: string | null;
}

/** The ECharts option of a time series chart. Colours are taken from the theme of the moment. */
export function timeSeriesOption(input: TimeSeriesOption): EChartsCoreOption {
  const { plot, axis, unit } = input;
  return {
    grid: gridOf(plot),
    xAxis: timeAxisOption(plot),
    yAxis: input.isLog
      ? valueAxisOption((value) => formatUnit(value, unit), { type: 'log', min: axis.min, max: axis.max })
      : valueAxisOption((value) => axisLabel(value, unit, axis), axis),
    series: [
      ...input.series.map((entry) => (input.type === 'bar' ? barOf(entry, input) : lineOf(entry, input))),
      ...(input.incompleteFromMs === null ? [] : [hatchOf(hatchStart(input), plot)]),
    ],
  };
}

/** The unit's word (`request`) stands once, at the top; zero needs no unit. */
export function axisLabel(value: number, unit: string, { max, interval }: ValueAxis): string {
  if (value === 0) return '0';
  const isTop = value > max - interval / 2;
  return isTop || !unit.startsWith('{') ? formatUnit(value, unit) : formatUnit(value, '');
}

const opacityOf = (name: string, highlighted: string | null) =>
  highlighted === null || highlighted === name ? 1 : 0.2;

function lineOf(
  { name, color, dashed = false, points }: ColoredSeries,
  { type, stacked, series, highlighted }: TimeSeriesOption,
) {
  const opacity = opacityOf(name, highlighted) * (dashed ? 0.6 : 1);
  const isAlone = points.map(
    ([, value], i) => value !== null && (points[i - 1]?.[1] ?? null) === null && (points[i + 1]?.[1] ?? null) === null,
  );
  return {
    type: 'line',
    name,
    data: points,
    silent: true,
    connectNulls: false,
    ...(stacked && { stack: 'all' }),
    lineStyle: { color, width: dashed ? 1 : 1.5, type: dashed ? 'dashed' : 'solid', opacity },
    itemStyle: { color, opacity },
    ...(type === 'area' && { areaStyle: { color, opacity: (stacked || series.length === 1 ? 0.25 : 0.12) * opacity } }),
    // A point between two gaps has no line, so it is drawn as a dot.
    symbol: 'circle',
    showSymbol: isAlone.includes(true),
    showAllSymbol: true,
    symbolSize: (_: unknown, { dataIndex }: { dataIndex: number }) => (isAlone[dataIndex] ? 4 : 0),
  };
}

function barOf({ name, color, points }: ColoredSeries, { plot, stepMs, highlighted }: TimeSeriesOption) {
  const step = stepMs ?? (plot.toMs - plot.fromMs) / 60;
  const slot = (step / (plot.toMs - plot.fromMs)) * plot.width;
  return {
    type: 'bar',
    name,
    // A bar stands on its bucket's middle and fills it but for a hairline.
    data: points.map(([time, value]) => [time + step / 2, value]),
    silent: true,
    stack: 'all',
    clip: true,
    barWidth: Math.max(1, slot > 4 ? slot - 1 : slot),
    itemStyle: { color, opacity: opacityOf(name, highlighted) },
  };
}

/** A bar is its bucket; a line already leads to an incomplete value from the point before. */
function hatchStart({ type, incompleteFromMs, stepMs }: TimeSeriesOption): number {
  return (incompleteFromMs ?? Infinity) - (type === 'bar' ? 0 : (stepMs ?? 0));
}

function hatchOf(fromMs: number, plot: Plot) {
  return {
    type: 'line',
    data: [],
    silent: true,
    markArea: {
      silent: true,
      z: 10,
      itemStyle: { color: hatchPattern() },
      data: [[{ xAxis: Math.max(fromMs, plot.fromMs) }, { xAxis: plot.toMs }]],
    },
  };
}
