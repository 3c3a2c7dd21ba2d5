import { computed, type WritableComputedRef } from 'vue';
import { useUrlQuery } from '../../../lib/url-query.js';
import type { Region } from '../../../ui/charts/heatmap.js';

export const RECORDS = ['traces', 'spans'] as const;
export const SHOWN = ['list', 'scatter', 'heatmap', 'table'] as const;
export const CHARTS = ['volume', 'latency'] as const;
/** Columns of the table that it can be ordered by, in the order of its aggregations. */
export const ORDERS = ['count', 'errors', 'p50', 'p95', 'p99'] as const;
const SORTS = ['newest', 'slowest'] as const;

const DEFAULT_GROUPS = ['service.name', 'name'];
const DEFAULT_FACETS = ['http.route', 'http.response.status_code'];
/** Stands in the URL for a list that was emptied, where nothing would mean the usual one. */
const NONE = '-';

/**
 * What the traces explorer shows, kept in the URL beside range and filter: `of`, `show`, `chart`, `by`, `order`, `sort`,
 * `columns`, `facets`, and what is compared: `region` of the heatmap, `compare` (a filter).
 */
export function useTracesState() {
  const url = useUrlQuery();
  const one = <T extends string>(name: string, [first, ...others]: readonly [T, ...T[]]): WritableComputedRef<T> =>
    computed({
      get: () => others.find((value) => value === url.get(name)) ?? first,
      set: (value) => void url.patch({ [name]: value === first ? '' : value }),
    });
  const many = (name: string, usual: readonly string[]): WritableComputedRef<readonly string[]> =>
    computed({
      get: () => {
        const text = url.get(name);
        if (text === '') return usual;
        return text === NONE ? [] : text.split(',').filter((value) => value !== '');
      },
      set: (values) => {
        const isUsual = values.join(',') === usual.join(',');
        void url.patch({ [name]: isUsual ? '' : values.join(',') || NONE });
      },
    });
  return {
    records: one('of', RECORDS),
    shown: one('show', SHOWN),
    chart: one('chart', CHARTS),
    order: one('order', ORDERS),
    sort: one('sort', SORTS),
    groupBy: many('by', DEFAULT_GROUPS),
    columns: many('columns', []),
    facets: many('facets', DEFAULT_FACETS),
    /** The region of the heatmap that is compared with the rest. */
    region: computed(() => parseRegion(url.get('region'))),
    /** A filter whose spans are compared with the rest. */
    compared: computed(() => url.get('compare')),
    chooseRegion: ({ fromMs, toMs, low, high }: Region) =>
      url.patch({ show: 'heatmap', region: [fromMs, toMs, low, high].map(Math.round).join(','), compare: '' }),
    chooseCompared: (filter: string) => url.patch({ show: 'heatmap', region: '', compare: filter }),
    clearChoice: () => url.patch({ region: '', compare: '' }),
    /** Filter and range at once, so that there is one step to go back. */
    narrow: (filter: string, range?: { fromMs: number; toMs: number }) =>
      url.patch({
        filter,
        show: '',
        region: '',
        compare: '',
        ...(range && { from: String(range.fromMs), to: String(range.toMs) }),
      }),
  };
}
export type TracesState = ReturnType<typeof useTracesState>;

/** Null for anything but four numbers that make a region. */
export function parseRegion(text: string): Region | null {
  const [fromMs, toMs, low, high, ...rest] = text.split(',').map(Number);
  if (fromMs === undefined || toMs === undefined || low === undefined || high === undefined || rest.length > 0)
    return null;
  return fromMs < toMs && low >= 0 && low < high ? { fromMs, toMs, low, high } : null;
}
