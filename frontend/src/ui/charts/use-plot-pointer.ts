import type { Ref } from 'vue';
import { timeOf, type Plot } from './plot.js';
import { MIN_DRAG_PX, usePlotDrag } from './use-plot-drag.js';

/** As {@link usePlotDrag}: dragging marks a range of time. */
export function usePlotPointer(
  element: Ref<HTMLElement | null>,
  plot: () => Plot,
  onSelect: (fromMs: number, toMs: number) => void,
) {
  return usePlotDrag(
    element,
    plot,
    ({ x: from }, { x: to }) =>
      Math.abs(to - from) < MIN_DRAG_PX ? null : { left: Math.min(from, to), width: Math.abs(to - from) },
    ({ left, width }) => onSelect(timeOf(plot(), left), timeOf(plot(), left + width)),
  );
}
