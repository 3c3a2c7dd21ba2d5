import type { QuerySignal } from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { facetOf, withFacet } from '../../lib/filter-terms.js';
import { useApiQuery } from '../../lib/query.js';
import { askTelemetry, groupsOf, PART_LABELS } from '../../lib/telemetry-query.js';
import type { TimeRange } from '../../lib/time-range.js';
import type { FilterFacet } from './FilterFacets.vue';

export interface FacetField {
  /** As the filter names it. */
  readonly field: string;
  readonly title: string;
  /** Values that are shown even where nothing has them, in this order. */
  readonly values?: readonly string[];
  label?(value: string): string;
  color?(value: string): string;
}

const VALUES = 30;

/**
 * Facets with exact counts over the whole range, all in one request. A facet counts what its own choices would bring:
 * it is asked without them. At most eight fields.
 */
export function useFacets(
  signal: QuerySignal,
  range: TimeRange,
  filter: MaybeRefOrGetter<string>,
  fields: MaybeRefOrGetter<readonly FacetField[]>,
  isEnabled: MaybeRefOrGetter<boolean> = true,
) {
  const asked = computed(() => toValue(fields).slice(0, PART_LABELS.length));
  const query = useApiQuery(
    () => [signal, 'facets', asked.value.map(({ field }) => field), toValue(filter), range.from, range.to],
    ({ signal: abort }) => {
      const { fromMs, toMs } = range.resolve();
      const queries = asked.value.map(({ field }, i) => ({
        label: PART_LABELS[i] ?? 'A',
        signal,
        filter: withFacet(toValue(filter), field, { included: [], excluded: [] }),
        aggregations: [{ function: 'count' as const }],
        groupBy: [field],
        limit: VALUES,
      }));
      return askTelemetry({ range: { from: String(fromMs), to: String(toMs) }, step: 'none', queries }, abort);
    },
    { enabled: () => toValue(isEnabled) && asked.value.length > 0 },
  );
  const facets = computed<FilterFacet[]>(() =>
    asked.value.map((entry, i) => {
      const groups = groupsOf(query.data.value, PART_LABELS[i] ?? 'A');
      // While other fields are being asked for, the answer is still that to the fields before.
      const isOwn = groups?.groupBy[0] === entry.field;
      const counts = new Map(
        (isOwn ? groups.groups : []).map(({ labels, values }) => [labels[0] ?? '', values[0] ?? 0] as const),
      );
      return facetFrom(entry, toValue(filter), isOwn ? counts : null);
    }),
  );
  return { query, facets };
}

function facetFrom(entry: FacetField, filter: string, counts: ReadonlyMap<string, number> | null): FilterFacet {
  const { included, excluded } = facetOf(filter, entry.field);
  const found = [...(counts?.keys() ?? [])].filter((value) => value !== '');
  const names = entry.values
    ? [...entry.values, ...included.filter((value) => entry.values?.includes(value) !== true)]
    : [...found, ...[...included, ...excluded].filter((value) => !found.includes(value))];
  return {
    field: entry.field,
    title: entry.title,
    values: names.map((value) => ({
      value,
      ...(entry.label && { label: entry.label(value) }),
      ...(entry.color && { color: entry.color(value) }),
      ...(counts && { count: counts.get(value) ?? 0 }),
    })),
    included,
    excluded,
  };
}
