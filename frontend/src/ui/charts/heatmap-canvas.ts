import type { Distribution } from '@telemetryflow/contracts';
import { columnEnd, mostIn, positionOf, shadeOf } from './heatmap.js';
import { xOf, type Plot } from './plot.js';
import type { ChartSeries } from './series.js';

export interface HeatmapDrawing {
  readonly plot: Plot;
  readonly distribution: Distribution;
  readonly times: readonly number[];
  readonly stepMs: number;
  /** `#rrggbb` of the fullest cell. */
  readonly color: string;
  /** Drawn over the cells, on the same values: percentiles. */
  readonly lines: readonly (ChartSeries & { readonly color: string })[];
}

/** Paints cells and lines; the axes are the chart's. The canvas covers the whole chart element. */
export function drawHeatmap(
  canvas: HTMLCanvasElement,
  size: { width: number; height: number },
  drawing: HeatmapDrawing,
) {
  const context = canvas.getContext('2d');
  if (!context) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(size.width * ratio);
  canvas.height = Math.round(size.height * ratio);
  context.scale(ratio, ratio);
  const { plot } = drawing;
  context.beginPath();
  context.rect(plot.left, plot.top, plot.width, plot.height);
  context.clip();
  drawCells(context, drawing);
  for (const line of drawing.lines) drawLine(context, drawing, line);
}

function drawCells(context: CanvasRenderingContext2D, { plot, distribution, times, stepMs, color }: HeatmapDrawing) {
  const most = mostIn(distribution);
  const buckets = Math.max(1, distribution.bounds.length - 1);
  const height = plot.height / buckets;
  context.fillStyle = color;
  distribution.counts.forEach((column, i) => {
    const start = times[i];
    if (start === undefined) return;
    const left = xOf(plot, start);
    const width = xOf(plot, columnEnd(times, i, stepMs)) - left;
    const gap = width > 4 ? 1 : 0;
    column.forEach((count, bucket) => {
      if (count <= 0) return;
      context.globalAlpha = shadeOf(count, most);
      const top = plot.top + plot.height - (bucket + 1) * height;
      context.fillRect(left, top, Math.max(0.5, width - gap), Math.max(0.5, height - (height > 4 ? 1 : 0)));
    });
  });
  context.globalAlpha = 1;
}

function drawLine(
  context: CanvasRenderingContext2D,
  { plot, distribution, stepMs }: HeatmapDrawing,
  { color, points }: HeatmapDrawing['lines'][number],
) {
  const buckets = Math.max(1, distribution.bounds.length - 1);
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  context.beginPath();
  let isDrawing = false;
  for (const [time, value] of points) {
    if (value === null) {
      isDrawing = false;
      continue;
    }
    // In the middle of its step, where its column stands.
    const x = xOf(plot, time + stepMs / 2);
    const y = plot.top + plot.height * (1 - positionOf(distribution.bounds, value) / buckets);
    if (isDrawing) context.lineTo(x, y);
    else context.moveTo(x, y);
    isDrawing = true;
  }
  context.stroke();
}
