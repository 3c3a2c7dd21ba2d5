import { readonly, ref } from 'vue';
import { api } from './api.js';
import { refreshNow } from './refresh.js';

const PROBE_MS = 3_000;
const lost = ref(false);
let probing: ReturnType<typeof setTimeout> | undefined;

/** True from the first unanswered call until the server answers again. */
export const connectionLost = readonly(lost);

function probe(): void {
  probing = setTimeout(() => {
    // The outcome is told by `onReachable`; a refusal is an answer too.
    api.get('/config').catch(() => undefined);
  }, PROBE_MS);
}

/** Watches every call; while the server is away it asks every three seconds, and the page loads again when it is back. */
export function watchConnection(): void {
  api.onReachable((reachable) => {
    clearTimeout(probing);
    if (reachable) {
      if (lost.value) refreshNow();
      lost.value = false;
      return;
    }
    lost.value = true;
    probe();
  });
  window.addEventListener('offline', () => (lost.value = true));
  window.addEventListener('online', probe);
}
