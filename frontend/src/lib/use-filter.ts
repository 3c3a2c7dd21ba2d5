import { computed, ref, watch, type ComputedRef } from 'vue';
import { filterErrorOf } from './filter-error.js';
import { refreshNow } from './refresh.js';
import { useUrlQuery } from './url-query.js';

export interface Filter {
  /** As in the URL (`?filter=`). */
  readonly text: ComputedRef<string>;
  /** For the query bar: of what was typed last, else of what the server refused. */
  readonly error: ComputedRef<{ message: string; offset?: number } | null>;
  set(text: string): Promise<void>;
  /** What the query bar's Run does: a filter that can't be read is not run, an unchanged one is run again. */
  run(text: string): Promise<void>;
}

/**
 * The filter of an explorer.
 *
 * @param failure of the query that the filter was part of.
 */
export function useFilter(failure: () => Error | null): Filter {
  const url = useUrlQuery();
  const text = computed(() => url.get('filter'));
  const refused = ref<{ message: string; offset?: number } | null>(null);
  watch(text, () => (refused.value = null));

  const set = (next: string) => url.patch({ filter: next });
  return {
    text,
    error: computed(() => refused.value ?? filterErrorOf(text.value, failure())),
    set,
    run: async (next) => {
      refused.value = filterErrorOf(next, null);
      if (refused.value) return;
      if (next === text.value) refreshNow();
      else await set(next);
    },
  };
}
