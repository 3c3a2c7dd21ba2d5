import type { SocketProblem } from '@telemetryflow/contracts';
import { useIntervalFn } from '@vueuse/core';
import { computed, nextTick, onScopeDispose, ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { useTelemetrySocket } from '../../../lib/socket.js';
import { emptyTail, rateOf, received, resumed } from '../model/tail-buffer.js';

/** What the rate is an average of. */
const RATE_MS = 5_000;

/** Records that match, as they come in. A paused tail goes on receiving behind a screen that stands still. */
export function useLiveTail(filter: MaybeRefOrGetter<string>) {
  const socket = useTelemetrySocket();
  const buffer = shallowRef(emptyTail);
  const isPaused = ref(false);
  const problem = shallowRef<SocketProblem | null>(null);
  const arrivals = ref<{ atMs: number; count: number }[]>([]);
  const now = ref(Date.now());
  let stop: (() => void) | undefined;

  useIntervalFn(() => {
    now.value = Date.now();
    arrivals.value = arrivals.value.filter(({ atMs }) => now.value - atMs < RATE_MS);
  }, 1000);

  function follow(): void {
    stop?.();
    buffer.value = emptyTail;
    arrivals.value = [];
    problem.value = null;
    stop = socket.followLogs(toValue(filter), {
      onLogs: async (batch) => {
        arrivals.value = [...arrivals.value, { atMs: Date.now(), count: batch.count }];
        buffer.value = received(buffer.value, batch, isPaused.value);
        // The server sends on when these are drawn.
        await nextTick();
      },
      onProblem: (found) => (problem.value = found),
    });
  }
  watch(() => toValue(filter), follow, { immediate: true });
  onScopeDispose(() => stop?.());

  return {
    state: socket.state,
    problem,
    buffer,
    isPaused: computed(() => isPaused.value),
    rate: computed(() => rateOf(arrivals.value, now.value, RATE_MS)),
    pause: () => (isPaused.value = true),
    resume: () => {
      isPaused.value = false;
      buffer.value = resumed(buffer.value);
    },
    clear: () => (buffer.value = emptyTail),
    retry: follow,
  };
}
