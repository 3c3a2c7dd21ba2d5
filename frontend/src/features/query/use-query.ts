import { formatQuery, parseQuery, TfqlSyntaxError, type QueryResponse } from '@telemetryflow/contracts';
import { computed, ref, watch, type ComputedRef } from 'vue';
import { ApiError } from '../../lib/api.js';
import type { ApiQuery } from '../../lib/query.js';
import { refreshNow } from '../../lib/refresh.js';
import { useTimeRange, type TimeRange } from '../../lib/time-range.js';
import { useUrlQuery } from '../../lib/url-query.js';
import { useTelemetryQuery, type RangedQuery } from '../../lib/use-telemetry-query.js';

interface Problem {
  readonly message: string;
  readonly offset?: number;
}

export interface StatementQuery {
  /** As in the URL (`?q=`). */
  readonly text: ComputedRef<string>;
  /** What can't be read, or what the server refused. */
  readonly problem: ComputedRef<Problem | null>;
  readonly answer: ApiQuery<QueryResponse>;
  readonly range: TimeRange;
  run(text: string): Promise<void>;
  /** Writes the statements canonically. */
  format(): Promise<void>;
}

function read(text: string): { readonly question: RangedQuery | null; readonly problem: Problem | null } {
  if (text === '') return { question: null, problem: null };
  try {
    return { question: parseQuery(text), problem: null };
  } catch (error) {
    if (!(error instanceof TfqlSyntaxError)) throw error;
    return { question: null, problem: { message: `${error.problem}; ${error.suggestion}`, offset: error.position } };
  }
}

/** Statements in the URL, and their answer. What can't be read stays in the editor and asks nothing. */
export function useQuery(): StatementQuery {
  const url = useUrlQuery();
  const range = useTimeRange();
  const text = computed(() => url.get('q'));
  const written = ref<Problem | null>(null);
  watch(text, () => (written.value = null));
  const stated = computed(() => read(text.value));
  const answer = useTelemetryQuery(range, () => stated.value.question);
  const refused = computed((): Problem | null => {
    const error = answer.error.value;
    if (!(error instanceof ApiError) || (error.status !== 400 && error.status !== 422)) return null;
    return { message: error.errors[0]?.message ?? error.detail };
  });
  return {
    text,
    problem: computed(() => written.value ?? stated.value.problem ?? refused.value),
    answer,
    range,
    run: async (next) => {
      written.value = read(next).problem;
      if (written.value) return;
      if (next === text.value) refreshNow();
      else await url.patch({ q: next });
    },
    format: async () => {
      const { question } = stated.value;
      if (question) await url.patch({ q: formatQuery(question) }, { replace: true });
    },
  };
}
