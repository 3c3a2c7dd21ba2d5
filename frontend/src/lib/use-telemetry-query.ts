import type { QueryResponse, TelemetryQueryInput } from '@telemetryflow/contracts';
import { toValue, type MaybeRefOrGetter } from 'vue';
import { zone } from './preferences.js';
import { useApiQuery, type ApiQuery, type ApiQueryOptions } from './query.js';
import { askTelemetry } from './telemetry-query.js';
import type { ResolvedRange, TimeRange } from './time-range.js';

/** What is asked of a page's range; the zone is the chosen one. */
export type RangedQuery = Omit<TelemetryQueryInput, 'range' | 'timeZone'>;

/**
 * An answer of the query model for the page's range: asked again when the question, the range or the zone changes, and at
 * every refresh. Null asks nothing.
 *
 *     const volume = useTelemetryQuery(range, () => ({
 *       queries: [{ signal: 'spans', filter: filter.value, aggregations: [{ function: 'count' }] }],
 *     }));
 */
export function useTelemetryQuery(
  range: TimeRange,
  question: MaybeRefOrGetter<RangedQuery | null>,
  options: Omit<ApiQueryOptions, 'enabled'> = {},
): ApiQuery<QueryResponse> {
  const timeZone = () => zone.value ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return useApiQuery(
    () => ['telemetry-query', toValue(question), range.from, range.to, timeZone()],
    ({ signal }) => {
      const asked = toValue(question);
      if (asked === null) throw new Error('Nothing is asked');
      return askTelemetry({ ...asked, range: { from: range.from, to: range.to }, timeZone: timeZone() }, signal);
    },
    { ...options, enabled: () => toValue(question) !== null },
  );
}

/** The piece of time that an answer is about, in Unix ms; before the first answer, the page's range now. */
export function answeredRange(response: QueryResponse | undefined, range: TimeRange): ResolvedRange {
  if (!response) return range.resolve();
  return { fromMs: Date.parse(response.meta.from), toMs: Date.parse(response.meta.to) };
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

/** The smallest round step, as a query writes it, that cuts a range into at most so many. */
export function stepFor({ fromMs, toMs }: ResolvedRange, most: number): string {
  const seconds = (toMs - fromMs) / 1000;
  const step = STEPS_S.find((candidate) => seconds / candidate <= most);
  return step === undefined ? `${Math.ceil(seconds / most / 86_400)}d` : `${step}s`;
}
