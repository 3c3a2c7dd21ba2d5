import { useWindowSize } from '@vueuse/core';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { drawerWidth } from '../../lib/preferences.js';
import { sizes } from '../tokens.js';

/**
 * Room to leave on the right while a drawer is open, as a style, so that it stands beside the content and not over it.
 * Windows narrower than `fromPx` have none to spare.
 */
export function useDrawerInset(isOpen: MaybeRefOrGetter<boolean>, fromPx: number) {
  const { width } = useWindowSize();
  return computed(() => {
    if (!toValue(isOpen) || width.value < fromPx) return {};
    return { marginRight: `${Math.min(sizes.drawerMax, Math.max(sizes.drawerMin, drawerWidth.value))}px` };
  });
}
