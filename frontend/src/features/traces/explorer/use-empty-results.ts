import type { Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import type { TimeRange } from '../../../lib/time-range.js';
import { useEmptyState } from '../../../ui/explorer/use-empty-state.js';

/** Why there is nothing to show, and what to do about it. */
export function useEmptyResults(
  range: TimeRange,
  filter: () => string,
  isEmpty: Readonly<Ref<boolean>>,
  clearFilter: () => void,
) {
  const { t } = useI18n();
  return useEmptyState({
    isEmpty: () => isEmpty.value,
    filter,
    clearFilter,
    range,
    texts: { filter: t('traces.emptyFilter'), range: t('traces.emptyRange') },
  });
}
