/** Where the data is drawn inside a chart's element, and the time that its width stands for. Pixels and Unix ms. */
export interface Plot {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly fromMs: number;
  readonly toMs: number;
}

export const PLOT_TOP = 8;
const PLOT_RIGHT = 12;
const AXIS_HEIGHT = 20;
/** Charts below one another line up, so that one crosshair goes through all of them. */
const MIN_LEFT = 64;
/** On a phone the plot needs the room. */
const MIN_LEFT_NARROW = 44;
const NARROW = 480;
const LABEL_CHAR = 6;

/** The plot inside an element of the given size that keeps room for its value labels. */
export function plotOf(
  size: { width: number; height: number },
  range: { fromMs: number; toMs: number },
  valueLabels: readonly string[],
): Plot {
  const longest = Math.max(0, ...valueLabels.map((label) => label.length));
  const least = size.width < NARROW ? MIN_LEFT_NARROW : MIN_LEFT;
  const left = Math.min(Math.max(least, Math.ceil(longest * LABEL_CHAR) + 10), 96);
  return {
    ...range,
    left,
    top: PLOT_TOP,
    width: Math.max(1, size.width - left - PLOT_RIGHT),
    height: Math.max(1, size.height - PLOT_TOP - AXIS_HEIGHT),
  };
}

/** May lie outside of the plot. */
export function xOf(plot: Plot, timeMs: number): number {
  return plot.left + ((timeMs - plot.fromMs) / (plot.toMs - plot.fromMs)) * plot.width;
}

/** Kept within the plot's range. */
export function timeOf(plot: Plot, x: number): number {
  const share = Math.min(1, Math.max(0, (x - plot.left) / plot.width));
  return plot.fromMs + share * (plot.toMs - plot.fromMs);
}

/** ECharts' name for the same rectangle. */
export function gridOf({ left, top, width, height }: Plot) {
  return { left, top, width, height, containLabel: false };
}

/** The height (px from the top) of a value on an axis from `min` to `max`; beyond it outside of the plot. */
export function yOf(plot: Plot, value: number, { min, max }: { min: number; max: number }, isLog = false): number {
  const [low, high, at] = isLog ? [Math.log(min), Math.log(max), Math.log(value)] : [min, max, value];
  return plot.top + plot.height * (1 - (at - low) / (high - low));
}
