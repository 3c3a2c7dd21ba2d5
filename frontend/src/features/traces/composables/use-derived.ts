import { onScopeDispose, shallowRef, toValue, watch, type MaybeRefOrGetter, type ShallowRef } from 'vue';
import { runInTurns, type Pieces } from '../model/pieces.js';

/** What is computed of a trace in turns; null until it is. */
export function useDerived<S, T>(source: MaybeRefOrGetter<S>, derive: (source: S) => Pieces<T>): ShallowRef<T | null> {
  const result = shallowRef<T | null>(null);
  let work = new AbortController();
  watch(
    () => toValue(source),
    async (current) => {
      work.abort();
      work = new AbortController();
      const { signal } = work;
      const value = await runInTurns(derive(current), signal);
      if (value !== undefined && !signal.aborted) result.value = value;
    },
    { immediate: true },
  );
  onScopeDispose(() => work.abort());
  return result;
}
