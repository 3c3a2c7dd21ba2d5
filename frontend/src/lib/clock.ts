import { useIntervalFn } from '@vueuse/core';
import { readonly, ref } from 'vue';

const now = ref(Date.now());
useIntervalFn(() => (now.value = Date.now()), 10_000);

/** Unix milliseconds, renewed every ten seconds: one timer for all relative times on the page. */
export const nowMs = readonly(now);
