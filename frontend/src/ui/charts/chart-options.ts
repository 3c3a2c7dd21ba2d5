import { formatTime, type TimePrecision } from '../../lib/format.js';
import { locale, theme, zone } from '../../lib/preferences.js';
import { colors, fonts, seriesColors } from '../tokens.js';
import type { Plot } from './plot.js';
import { timeStep, timeTicks } from './time-ticks.js';

const PX_PER_TICK = 90;

/** The chosen zone by name. */
export function chartZone(): string {
  return zone.value ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const text = () => ({ fontFamily: fonts.sans, fontSize: 11, color: colors[theme.value]['text-3'] });

/** A time axis with round marks of the chosen zone, and the date in bold where a day begins. */
export function timeAxisOption(plot: Plot) {
  const max = Math.max(2, Math.floor(plot.width / PX_PER_TICK));
  const ticks = timeTicks(plot.fromMs, plot.toMs, chartZone(), max);
  const step = timeStep(plot.fromMs, plot.toMs, max);
  const precision: TimePrecision = step < 1_000 ? 'ms' : step < 60_000 ? 'second' : 'minute';
  const date = new Intl.DateTimeFormat(locale.value === 'id' ? 'id-ID' : 'en-GB', {
    timeZone: chartZone(),
    day: 'numeric',
    month: 'short',
  });
  const midnights = new Set(ticks.filter((tick) => tick.isMidnight).map((tick) => tick.timeMs));
  const customValues = ticks.map((tick) => tick.timeMs);
  const palette = colors[theme.value];
  return {
    type: 'value',
    min: plot.fromMs,
    max: plot.toMs,
    splitLine: { show: false },
    axisLine: { show: true, onZero: false, lineStyle: { color: palette.line } },
    axisTick: { show: true, customValues, length: 3, lineStyle: { color: palette.line } },
    axisLabel: {
      ...text(),
      customValues,
      margin: 6,
      hideOverlap: true,
      formatter: (value: number) =>
        midnights.has(value) ? `{day|${date.format(value)}}` : formatTime(value, precision),
      rich: { day: { ...text(), color: palette['text-1'], fontWeight: 600 } },
    },
  };
}

/** A value axis: hairlines and labels, nothing else. */
export function valueAxisOption(format: (value: number) => string, scale: object) {
  return {
    type: 'value',
    ...scale,
    splitLine: { show: true, lineStyle: { color: colors[theme.value].line, width: 1 } },
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { ...text(), margin: 8, formatter: format, showMinLabel: true, showMaxLabel: true },
  };
}

/** The colour of the n-th series; after ten they begin again. */
export function paletteColor(index: number): string {
  const palette = seriesColors[theme.value];
  return palette[index % palette.length] ?? colors[theme.value]['text-2'];
}

let hatches: { theme: string; pattern: { image: HTMLCanvasElement; repeat: 'repeat' } } | null = null;

/** Diagonal lines in the panel's colour: laid over what is not complete yet. */
export function hatchPattern() {
  if (hatches?.theme === theme.value) return hatches.pattern;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 6;
  const context = canvas.getContext('2d');
  if (context) {
    context.strokeStyle = colors[theme.value]['bg-1'];
    context.lineWidth = 1.5;
    context.beginPath();
    for (const shift of [-6, 0, 6]) {
      context.moveTo(shift, 6);
      context.lineTo(shift + 6, 0);
    }
    context.stroke();
  }
  const pattern = { image: canvas, repeat: 'repeat' as const };
  hatches = { theme: theme.value, pattern };
  return pattern;
}
