import { useEventListener } from '@vueuse/core';
import { ref, watch, type Ref } from 'vue';
import { isTyping } from './keyboard.js';

export interface ListNavigation {
  /** The row that the keys act on, or -1. */
  readonly active: Ref<number>;
}

/**
 * `j` and `k` move through a list, `Enter` opens the row. Arrow keys do the same while the focus is inside `within`.
 * Escape belongs to the drawer.
 */
export function useListNavigation(options: {
  count: () => number;
  open: (index: number) => void;
  reveal: (index: number) => void;
  within?: () => HTMLElement | null | undefined;
}): ListNavigation {
  const active = ref(-1);
  watch(options.count, (count) => {
    if (active.value >= count) active.value = count - 1;
  });
  const move = (by: number) => {
    if (options.count() === 0) return;
    active.value = Math.min(options.count() - 1, Math.max(0, active.value + by));
    options.reveal(active.value);
  };
  useEventListener(document, 'keydown', (event) => {
    if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const target = event.target instanceof HTMLElement ? event.target : null;
    const isInside = target !== null && (options.within?.()?.contains(target) ?? false);
    const isControl = target?.closest('button, a, [role="tab"], [role="separator"]') !== null;
    if (event.key === 'j' || (isInside && event.key === 'ArrowDown')) move(1);
    else if (event.key === 'k' || (isInside && event.key === 'ArrowUp')) move(-1);
    else if (event.key === 'Enter' && active.value >= 0 && (isInside || !isControl)) options.open(active.value);
    else return;
    event.preventDefault();
  });
  return { active };
}
