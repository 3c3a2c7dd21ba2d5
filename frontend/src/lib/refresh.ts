import { useDocumentVisibility, useIntervalFn, useStorage } from '@vueuse/core';
import { computed, readonly, ref, watch } from 'vue';

/** Seconds between ticks; 0 is off. */
export const REFRESH_CHOICES = [0, 5, 10, 30, 60, 300, 900] as const;

const ticks = ref(0);
/** Rises by one at every tick and at every `refreshNow()`. Watch it to load again. */
export const refreshKey = readonly(ticks);

export const refreshSeconds = useStorage<number>('tf-refresh', 0);

export function refreshNow(): void {
  ticks.value += 1;
}

const visibility = useDocumentVisibility();
const intervalMs = computed(() => (refreshSeconds.value > 0 ? refreshSeconds.value * 1000 : 3_600_000));
const timer = useIntervalFn(() => refreshSeconds.value > 0 && refreshNow(), intervalMs, { immediate: false });

// A hidden tab piles nothing up; when it is looked at again it catches up at once.
watch(
  [visibility, refreshSeconds],
  ([now, seconds], before) => {
    const runs = now === 'visible' && seconds > 0;
    if (runs && before[0] === 'hidden') refreshNow();
    if (runs) timer.resume();
    else timer.pause();
  },
  { immediate: true },
);
