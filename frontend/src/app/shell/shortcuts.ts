import { useEventListener } from '@vueuse/core';
import { ref, type Ref } from 'vue';
import { useRouter } from 'vue-router';
import { isTyping } from '../../lib/keyboard.js';
import { sidebarCollapsed } from '../../lib/preferences.js';
import { refreshNow } from '../../lib/refresh.js';
import { useTimeRange } from '../../lib/time-range.js';
import { useDestinations } from './navigation.js';

export type Overlay = 'palette' | 'keys' | null;

/** How long `g` waits for its second letter, in milliseconds. */
const CHORD_MS = 1_200;

/** The frame's keys: Ctrl-K, `?`, `g` and a letter, `r`, `[`, and `<` `>` through the ranges that were looked at. Returns which overlay is open. */
export function useShortcuts(): Ref<Overlay> {
  const router = useRouter();
  const navigation = useDestinations();
  const range = useTimeRange();
  const overlay = ref<Overlay>(null);
  let chordUntil = 0;

  const plain: Record<string, () => void> = {
    '?': () => (overlay.value = 'keys'),
    g: () => (chordUntil = Date.now() + CHORD_MS),
    r: refreshNow,
    '<': () => void range.back(),
    '>': () => void range.forward(),
    '[': () => (sidebarCollapsed.value = !sidebarCollapsed.value),
  };

  useEventListener(document, 'keydown', (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      overlay.value = overlay.value === 'palette' ? null : 'palette';
      return;
    }
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.defaultPrevented ||
      overlay.value !== null ||
      isTyping(event)
    )
      return;
    const target = Date.now() < chordUntil ? navigation.value.find((item) => item.key === event.key) : undefined;
    chordUntil = 0;
    if (target) {
      event.preventDefault();
      void router.push({ name: target.name });
      return;
    }
    plain[event.key]?.();
  });
  return overlay;
}
