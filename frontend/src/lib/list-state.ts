import { useDebounceFn } from '@vueuse/core';
import { computed, ref, watch, type Ref, type WritableComputedRef } from 'vue';
import { useUrlQuery } from './url-query.js';

/** Milliseconds after the last key until a search is made. */
const TYPING_MS = 250;

export interface ListState {
  readonly page: WritableComputedRef<number>;
  /** What is typed; it reaches the URL when the typing pauses. */
  readonly draft: Ref<string>;
  /** What is searched for: the URL's `search`. */
  readonly search: WritableComputedRef<string>;
  /** A filter kept in the URL; setting it returns to the first page. */
  filter(name: string): WritableComputedRef<string>;
  /** The id of the record that is open beside the list: the URL's `open`. */
  readonly open: WritableComputedRef<string>;
  /** True while any of the filters or the search narrows the list. */
  isNarrowed(...filters: string[]): boolean;
  clear(...filters: string[]): void;
}

/** What a list of records shows, kept in the URL: page, search, filters and the open record. */
export function useListState(): ListState {
  const url = useUrlQuery();
  const page = computed({
    get: () => Math.max(1, Number.parseInt(url.get('page'), 10) || 1),
    set: (value) => void url.patch({ page: value > 1 ? String(value) : '' }),
  });
  const filter = (name: string) =>
    computed({
      get: () => url.get(name),
      set: (value: string) => void url.patch({ [name]: value, page: '' }, { replace: true }),
    });
  const search = filter('search');
  const draft = ref(search.value);
  const write = useDebounceFn((text: string) => (search.value = text), TYPING_MS);
  watch(draft, (text) => {
    if (text.trim() !== search.value) void write(text.trim());
  });
  // Back and forward change the address under the field.
  watch(search, (text) => {
    if (text !== draft.value.trim()) draft.value = text;
  });
  const open = computed({
    get: () => url.get('open'),
    set: (id: string) => void url.patch({ open: id }, { replace: true }),
  });
  return {
    page,
    draft,
    search,
    filter,
    open,
    isNarrowed: (...filters) => ['search', ...filters].some((name) => url.get(name) !== ''),
    clear: (...filters) => {
      draft.value = '';
      void url.patch(Object.fromEntries(['search', 'page', ...filters].map((name) => [name, ''])), { replace: true });
    },
  };
}
