import { useElementSize, useEventListener } from '@vueuse/core';
import { computed, ref, toValue, watch, type ComputedRef, type MaybeRefOrGetter, type Ref } from 'vue';

export interface FixedRows {
  /** The rows that are near what is shown, with their place from the top in pixels. */
  readonly items: ComputedRef<{ index: number; start: number }[]>;
  readonly totalSize: ComputedRef<number>;
  /** Scrolls as little as it takes to show the row. */
  reveal(index: number): void;
}

/** Indexes of rows that are shown, and `overscan` more on either side. */
export function rowsInView(
  { top, height }: { readonly top: number; readonly height: number },
  rowHeight: number,
  count: number,
  overscan: number,
): { first: number; last: number } {
  const first = Math.max(0, Math.min(Math.floor(top / rowHeight), count - 1) - overscan);
  const last = Math.min(count - 1, Math.ceil((top + height) / rowHeight) + overscan);
  return { first, last };
}

/**
 * A list whose rows all have one height, of which only the visible exist. What it costs does not grow with the number of
 * rows, unlike a list that keeps a measurement of each.
 */
export function useFixedRows(
  scroller: Readonly<Ref<HTMLElement | null>>,
  options: { readonly count: MaybeRefOrGetter<number>; readonly rowHeight: number; readonly overscan: number },
): FixedRows {
  const { rowHeight, overscan } = options;
  const top = ref(0);
  const { height } = useElementSize(scroller);
  const read = () => (top.value = scroller.value?.scrollTop ?? 0);
  useEventListener(scroller, 'scroll', read, { passive: true });
  // A shorter list is scrolled back by the browser, which tells of it only later.
  watch([scroller, () => toValue(options.count)], read, { flush: 'post' });
  return {
    items: computed(() => {
      const count = toValue(options.count);
      const { first, last } = rowsInView({ top: top.value, height: height.value }, rowHeight, count, overscan);
      return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => ({
        index: first + i,
        start: (first + i) * rowHeight,
      }));
    }),
    totalSize: computed(() => toValue(options.count) * rowHeight),
    reveal: (index) => {
      const element = scroller.value;
      if (!element) return;
      const start = index * rowHeight;
      if (start < element.scrollTop) element.scrollTop = start;
      else if (start + rowHeight > element.scrollTop + element.clientHeight) {
        element.scrollTop = start + rowHeight - element.clientHeight;
      }
    },
  };
}
