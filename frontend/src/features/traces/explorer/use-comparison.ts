import type { CompareSpansResponse } from '@telemetryflow/contracts';
import { computed } from 'vue';
import { api } from '../../../lib/api.js';
import { useApiQuery } from '../../../lib/query.js';
import type { TimeRange } from '../../../lib/time-range.js';
import type { Region } from '../../../ui/charts/heatmap.js';

/** What is compared with all other spans of the page: those of a region of the heatmap, or of a filter. */
export interface Choice {
  readonly region: Region | null;
  readonly filter: string;
}

/** The selection of a comparison, or null when nothing is chosen. */
export function selectionOf({ region, filter }: Choice) {
  if (region === null) return filter === '' ? null : { filter };
  return {
    filter: `duration>=${Math.round(region.low)}ns AND duration<${Math.round(region.high)}ns`,
    range: { from: String(region.fromMs), to: String(region.toMs) },
  };
}

/** Which attributes tell the chosen spans from the others. Nothing is asked while nothing is chosen. */
export function useComparison(range: TimeRange, filter: () => string, choice: () => Choice) {
  const selection = computed(() => selectionOf(choice()));
  const query = useApiQuery(
    () => ['spans', 'comparison', filter(), selection.value, range.from, range.to],
    ({ signal }) =>
      api.post<CompareSpansResponse>(
        '/telemetry/traces/compare',
        { range: { from: range.from, to: range.to }, filter: filter(), selection: selection.value },
        { signal },
      ),
    { enabled: () => selection.value !== null },
  );
  return { query, selection };
}
