import type { Ref } from 'vue';
import type { Plot } from './plot.js';
import { MIN_DRAG_PX, usePlotDrag, type Spot } from './use-plot-drag.js';

/** A rectangle in the element's pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** As {@link usePlotDrag}: dragging marks a rectangle, a piece of time and of values. */
export function useRegionPointer(element: Ref<HTMLElement | null>, plot: () => Plot, onSelect: (box: Box) => void) {
  return usePlotDrag(element, plot, boxBetween, onSelect);
}

function boxBetween(a: Spot, b: Spot): Box | null {
  const [width, height] = [Math.abs(a.x - b.x), Math.abs(a.y - b.y)];
  if (Math.max(width, height) < MIN_DRAG_PX) return null;
  return { left: Math.min(a.x, b.x), top: Math.min(a.y, b.y), width, height };
}
