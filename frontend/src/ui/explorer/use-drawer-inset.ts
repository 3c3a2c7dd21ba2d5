import { useWindowSize } from '@vueuse/core';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { drawerWidth } from '../../lib/preferences.js';
import { sizes } from '../tokens.js';

/** Windows from this width on show list and drawer beside one another. */
const WIDE_PX = 1200;

/** Room to leave on the right while a drawer is open, as a style, so that it stands beside the list and not over it. */
export function useDrawerInset(isOpen: MaybeRefOrGetter<boolean>) {
  const { width } = useWindowSize();
  return computed(() => {
    if (!toValue(isOpen) || width.value < WIDE_PX) return {};
    return { marginRight: `${Math.min(sizes.drawerMax, Math.max(sizes.drawerMin, drawerWidth.value))}px` };
  });
}
