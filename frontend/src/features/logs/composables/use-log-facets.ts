import type { FieldsResponse } from '@telemetryflow/contracts';
import { computed, type MaybeRefOrGetter } from 'vue';
import { useI18n } from 'vue-i18n';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';
import { serviceColor } from '../../../lib/service-color.js';
import { SEVERITIES, severityColor } from '../../../lib/severity.js';
import type { TimeRange } from '../../../lib/time-range.js';
import { useUrlQuery } from '../../../lib/url-query.js';
import { useFacets, type FacetField } from '../../../ui/explorer/use-facets.js';

/** Attributes that are facets until somebody chooses. */
const OFFERED = 3;
/** Eight in one request, of which severity and service are two. */
export const MOST_CHOSEN = 6;
/** Loudest first. `unspecified` is no value that a filter could name. */
const LOUDEST_FIRST = SEVERITIES.filter((name) => name !== 'unspecified').reverse();

/** Severity, service, and the attributes that were chosen, or else those that records carry most. */
export function useLogFacets(range: TimeRange, filter: MaybeRefOrGetter<string>) {
  const { t } = useI18n();
  const url = useUrlQuery();
  const fields = useApiQuery(
    () => ['fields', 'logs', ''],
    ({ signal }) => api.get<FieldsResponse>('/telemetry/fields', { query: { signal: 'logs' }, signal }),
    { live: false },
  );
  const offered = computed(() =>
    (fields.data.value?.data ?? [])
      .filter(({ source, type }) => source === 'attribute' && type !== 'number')
      .slice(0, OFFERED)
      .map(({ name }) => name),
  );
  const chosen = computed({
    get: () => {
      const names = url.get('facets');
      return names === '' ? offered.value : names.split(',').filter((name) => name !== '-');
    },
    // Nobody chose and nothing chosen are two things.
    set: (names: readonly string[]) =>
      void url.patch({ facets: names.slice(0, MOST_CHOSEN).join(',') || '-' }, { replace: true }),
  });
  /** Until it is known which attributes are offered, nothing is counted: it would be counted twice. */
  const isKnown = computed(() => url.get('facets') !== '' || fields.data.value !== undefined || fields.isError.value);
  const asked = computed<FacetField[]>(() => [
    {
      field: 'severity',
      title: t('explorer.severity'),
      values: LOUDEST_FIRST,
      label: (value) => value.toUpperCase(),
      color: (value) => severityColor(SEVERITIES.find((name) => name === value) ?? 'unspecified'),
    },
    { field: 'service', title: t('explorer.service'), color: serviceColor },
    ...chosen.value.map((name) => ({ field: name, title: name })),
  ]);
  const { query, facets } = useFacets('logs', range, filter, asked, isKnown);
  return { query, facets, chosen };
}
