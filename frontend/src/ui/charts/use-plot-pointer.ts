import { useEventListener } from '@vueuse/core';
import { computed, shallowRef, type Ref, type ShallowRef } from 'vue';
import { timeOf, type Plot } from './plot.js';

export interface PlotPointer {
  /** In the element's pixels; null while the pointer is elsewhere. */
  readonly at: Readonly<ShallowRef<{ x: number; y: number; clientX: number; clientY: number } | null>>;
  /** The range being dragged, in the element's pixels. */
  readonly selection: Readonly<Ref<{ left: number; width: number } | null>>;
}

const MIN_DRAG_PX = 4;

/** Pointer over a plot: where it is, and dragging a range of time. Escape gives a drag up; a click is not a drag. */
export function usePlotPointer(
  element: Ref<HTMLElement | null>,
  plot: () => Plot,
  onSelect: (fromMs: number, toMs: number) => void,
): PlotPointer {
  const at = shallowRef<{ x: number; y: number; clientX: number; clientY: number } | null>(null);
  const dragFrom = shallowRef<number | null>(null);
  const dragTo = shallowRef<number | null>(null);

  const locate = (event: PointerEvent) => {
    const box = element.value?.getBoundingClientRect();
    if (!box) return null;
    return { x: event.clientX - box.left, y: event.clientY - box.top, clientX: event.clientX, clientY: event.clientY };
  };
  const clampX = (x: number) => {
    const { left, width } = plot();
    return Math.min(left + width, Math.max(left, x));
  };
  const cancel = () => {
    dragFrom.value = null;
    dragTo.value = null;
  };
  const isInside = ({ x, y }: { x: number; y: number }) => {
    const { left, top, width, height } = plot();
    return x >= left && x <= left + width && y >= 0 && y <= top + height;
  };

  useEventListener(element, 'pointerdown', (event) => {
    const point = locate(event);
    if (!point || event.button !== 0 || !isInside(point)) return;
    dragFrom.value = clampX(point.x);
  });
  useEventListener(element, 'pointerleave', () => (at.value = null));
  useEventListener(element, 'pointermove', (event) => {
    const point = locate(event);
    at.value = point && isInside(point) ? point : null;
  });
  useEventListener(window, 'pointermove', (event) => {
    const point = dragFrom.value === null ? null : locate(event);
    if (point) dragTo.value = clampX(point.x);
  });
  useEventListener(window, 'pointerup', () => {
    const [from, to] = [dragFrom.value, dragTo.value];
    cancel();
    if (from === null || to === null || Math.abs(to - from) < MIN_DRAG_PX) return;
    onSelect(timeOf(plot(), Math.min(from, to)), timeOf(plot(), Math.max(from, to)));
  });
  useEventListener(window, 'pointercancel', cancel);
  useEventListener(window, 'keydown', (event) => {
    if (event.key === 'Escape') cancel();
  });

  const selection = computed(() => {
    const [from, to] = [dragFrom.value, dragTo.value];
    if (from === null || to === null || Math.abs(to - from) < MIN_DRAG_PX) return null;
    return { left: Math.min(from, to), width: Math.abs(to - from) };
  });
  return { at, selection };
}
