import { useEventListener } from '@vueuse/core';
import { computed, shallowRef, type Ref, type ShallowRef } from 'vue';
import type { Plot } from './plot.js';

/** A rectangle in the element's pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface RegionPointer {
  /** In the element's pixels; null while the pointer is elsewhere. */
  readonly at: Readonly<ShallowRef<{ x: number; y: number; clientX: number; clientY: number } | null>>;
  readonly selection: Readonly<Ref<Box | null>>;
}

const MIN_DRAG_PX = 4;

/** As {@link usePlotPointer}, but dragging marks a rectangle: a piece of time and of values. Escape gives it up. */
export function useRegionPointer(
  element: Ref<HTMLElement | null>,
  plot: () => Plot,
  onSelect: (box: Box) => void,
): RegionPointer {
  const at = shallowRef<{ x: number; y: number; clientX: number; clientY: number } | null>(null);
  const start = shallowRef<{ x: number; y: number } | null>(null);
  const end = shallowRef<{ x: number; y: number } | null>(null);

  const locate = (event: PointerEvent) => {
    const box = element.value?.getBoundingClientRect();
    if (!box) return null;
    return { x: event.clientX - box.left, y: event.clientY - box.top, clientX: event.clientX, clientY: event.clientY };
  };
  const clamp = ({ x, y }: { x: number; y: number }) => {
    const { left, top, width, height } = plot();
    return { x: Math.min(left + width, Math.max(left, x)), y: Math.min(top + height, Math.max(top, y)) };
  };
  const isInside = ({ x, y }: { x: number; y: number }) => {
    const { left, top, width, height } = plot();
    // The margin above counts: who wants the highest values begins there.
    return x >= left && x <= left + width && y >= 0 && y <= top + height;
  };
  const cancel = () => {
    start.value = null;
    end.value = null;
  };
  const selection = computed<Box | null>(() => {
    const [a, b] = [start.value, end.value];
    if (!a || !b) return null;
    const box = {
      left: Math.min(a.x, b.x),
      top: Math.min(a.y, b.y),
      width: Math.abs(a.x - b.x),
      height: Math.abs(a.y - b.y),
    };
    return Math.max(box.width, box.height) < MIN_DRAG_PX ? null : box;
  });

  useEventListener(element, 'pointerdown', (event) => {
    const point = locate(event);
    if (point && event.button === 0 && isInside(point)) start.value = clamp(point);
  });
  useEventListener(element, 'pointerleave', () => (at.value = null));
  useEventListener(element, 'pointermove', (event) => {
    const point = locate(event);
    at.value = point && isInside(point) ? point : null;
  });
  useEventListener(window, 'pointermove', (event) => {
    const point = start.value && locate(event);
    if (point) end.value = clamp(point);
  });
  useEventListener(window, 'pointerup', () => {
    const box = selection.value;
    cancel();
    if (box) onSelect(box);
  });
  useEventListener(window, 'pointercancel', cancel);
  useEventListener(window, 'keydown', (event) => {
    if (event.key === 'Escape') cancel();
  });
  return { at, selection };
}
