import { useElementSize, useEventListener } from '@vueuse/core';
import { computed, ref, type Ref } from 'vue';

const MIN_SCALE = 0.1;
const MAX_SCALE = 2;
/** What is first seen on a phone can be read; the rest is a drag away. */
const NARROW_PX = 640;
const READABLE_SCALE = 0.6;
/** Pointer movement below this, in pixels, is a click. */
const CLICK_PX = 4;

interface Box {
  width: number;
  height: number;
}
interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** Dragging moves, the wheel and buttons zoom about a point; `fit` shows everything. */
export function usePanZoom(host: Ref<HTMLElement | null>, content: () => Box) {
  const size = useElementSize(host);
  const view = ref<View>({ x: 0, y: 0, scale: 1 });

  function zoomAt(factor: number, x = size.width.value / 2, y = size.height.value / 2): void {
    const { scale } = view.value;
    const next = Math.min(MAX_SCALE, Math.max(MIN_SCALE, scale * factor));
    const ratio = next / scale;
    view.value = { scale: next, x: x - (x - view.value.x) * ratio, y: y - (y - view.value.y) * ratio };
  }
  function fit(least = MIN_SCALE): void {
    const { width, height } = content();
    if (width === 0 || size.width.value === 0) return;
    const scale = Math.max(least, Math.min(1, size.width.value / width, size.height.value / height));
    const x = Math.max(0, (size.width.value - width * scale) / 2);
    view.value = { scale, x, y: (size.height.value - height * scale) / 2 };
  }
  /** As `fit`, but never too small to be read on a narrow screen. */
  function begin(): void {
    fit(size.width.value < NARROW_PX ? READABLE_SCALE : MIN_SCALE);
  }
  function center(x: number, y: number): void {
    const scale = Math.max(view.value.scale, 0.7);
    view.value = { scale, x: size.width.value / 2 - x * scale, y: size.height.value / 2 - y * scale };
  }
  useEventListener(
    host,
    'wheel',
    (event: WheelEvent) => {
      event.preventDefault();
      const { left, top } = host.value?.getBoundingClientRect() ?? { left: 0, top: 0 };
      zoomAt(Math.exp(-event.deltaY * 0.0015), event.clientX - left, event.clientY - top);
    },
    { passive: false },
  );
  return {
    size,
    ...usePan(view),
    transform: computed(() => `translate(${view.value.x},${view.value.y}) scale(${view.value.scale})`),
    zoomAt,
    fit,
    begin,
    center,
  };
}

/** Moves the view with the pointer, from `down` on. */
function usePan(view: Ref<View>) {
  const isDragging = ref(false);
  function down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const from = { x: event.clientX - view.value.x, y: event.clientY - view.value.y };
    const start = { x: event.clientX, y: event.clientY };
    const move = ({ clientX, clientY }: PointerEvent) => {
      isDragging.value ||= Math.hypot(clientX - start.x, clientY - start.y) > CLICK_PX;
      if (isDragging.value) view.value = { ...view.value, x: clientX - from.x, y: clientY - from.y };
    };
    const up = () => {
      removeEventListener('pointermove', move);
      // The click that ends a drag comes after this event, and is none.
      setTimeout(() => (isDragging.value = false));
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', up, { once: true });
    addEventListener('pointercancel', up, { once: true });
  }
  return { isDragging, down };
}
