import { useEventListener } from '@vueuse/core';
import { computed, shallowRef, type Ref, type ShallowRef } from 'vue';
import type { Plot } from './plot.js';

/** In the element's pixels. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

export interface PlotDrag<S> {
  /** Null while the pointer is elsewhere. */
  readonly at: Readonly<ShallowRef<(Spot & { readonly clientX: number; readonly clientY: number }) | null>>;
  readonly selection: Readonly<Ref<S | null>>;
}

/** A pointer that moved less than this has clicked. */
export const MIN_DRAG_PX = 4;

/**
 * Pointer over a plot: where it is, and what it marks by dragging. Escape gives a drag up.
 *
 * @param select what a drag between two spots of the plot marks; null for a click
 */
export function usePlotDrag<S>(
  element: Ref<HTMLElement | null>,
  plot: () => Plot,
  select: (from: Spot, to: Spot) => S | null,
  onSelect: (selection: S) => void,
): PlotDrag<S> {
  const at = shallowRef<(Spot & { clientX: number; clientY: number }) | null>(null);
  const start = shallowRef<Spot | null>(null);
  const end = shallowRef<Spot | null>(null);
  const selection = computed(() => (start.value && end.value ? select(start.value, end.value) : null));

  const locate = ({ clientX, clientY }: PointerEvent) => {
    const box = element.value?.getBoundingClientRect();
    return box ? { x: clientX - box.left, y: clientY - box.top, clientX, clientY } : null;
  };
  const cancel = () => {
    start.value = null;
    end.value = null;
  };

  useEventListener(element, 'pointerdown', (event) => {
    const spot = locate(event);
    if (spot && event.button === 0 && isInside(spot, plot())) start.value = clamp(spot, plot());
  });
  useEventListener(element, 'pointerleave', () => (at.value = null));
  useEventListener(element, 'pointermove', (event) => {
    const spot = locate(event);
    at.value = spot && isInside(spot, plot()) ? spot : null;
  });
  useEventListener(window, 'pointermove', (event) => {
    const spot = start.value && locate(event);
    if (spot) end.value = clamp(spot, plot());
  });
  useEventListener(window, 'pointerup', () => {
    const selected = selection.value;
    cancel();
    if (selected !== null) onSelect(selected);
  });
  useEventListener(window, 'pointercancel', cancel);
  useEventListener(window, 'keydown', (event) => {
    if (event.key === 'Escape') cancel();
  });
  return { at, selection };
}

function isInside({ x, y }: Spot, { left, top, width, height }: Plot): boolean {
  // The margin above counts: who wants the highest values begins there.
  return x >= left && x <= left + width && y >= 0 && y <= top + height;
}

function clamp({ x, y }: Spot, { left, top, width, height }: Plot): Spot {
  return { x: Math.min(left + width, Math.max(left, x)), y: Math.min(top + height, Math.max(top, y)) };
}
