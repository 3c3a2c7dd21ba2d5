import { computed, reactive, ref } from 'vue';
import { useRoute, useRouter, type LocationQuery } from 'vue-router';
import { formatDate, formatTime } from './format.js';
import { refreshKey, refreshNow } from './refresh.js';

export interface ResolvedRange {
  fromMs: number;
  toMs: number;
}

export const DEFAULT_FROM = 'now-30m';
export const DEFAULT_TO = 'now';
/** The quick ranges, back from now. */
export const QUICK_RANGES = [
  '5m',
  '15m',
  '30m',
  '1h',
  '3h',
  '6h',
  '12h',
  '24h',
  '2d',
  '7d',
  '14d',
  '30d',
  '90d',
] as const;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7, w: 6.048e8 };
const EARLIEST_MS = Date.UTC(2000, 0, 1);

/** Unix milliseconds of `now`, `now-30m`, an ISO instant or epoch milliseconds; null for anything else. */
export function parseInstant(text: string, nowMs: number = Date.now()): number | null {
  const trimmed = text.trim();
  if (trimmed === 'now') return nowMs;
  const relative = /^now-(\d{1,6})([smhdw])$/.exec(trimmed);
  if (relative) return nowMs - Number(relative[1]) * (UNIT_MS[relative[2] ?? ''] ?? 0);
  if (/^\d{12,14}$/.test(trimmed)) return Number(trimmed);
  // Date.parse accepts far too much ("1"); an instant starts with a full date.
  if (!/^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}|$)/.test(trimmed)) return null;
  const ms = Date.parse(trimmed);
  return Number.isFinite(ms) ? ms : null;
}

export type RangeProblem = 'from' | 'to' | 'order';

/** What is wrong with a range, or null. */
export function rangeProblem(from: string, to: string, nowMs: number = Date.now()): RangeProblem | null {
  const fromMs = parseInstant(from, nowMs);
  const toMs = parseInstant(to, nowMs);
  if (fromMs === null || fromMs < EARLIEST_MS) return 'from';
  if (toMs === null) return 'to';
  return fromMs < toMs ? null : 'order';
}

interface RangeText {
  from: string;
  to: string;
}

/** The range of a URL's query; what is missing or wrong falls back to the last 30 minutes. */
export function rangeOfQuery(query: LocationQuery): RangeText {
  const from = typeof query['from'] === 'string' ? query['from'] : DEFAULT_FROM;
  const to = typeof query['to'] === 'string' ? query['to'] : DEFAULT_TO;
  return rangeProblem(from, to) === null ? { from, to } : { from: DEFAULT_FROM, to: DEFAULT_TO };
}

const isRelativeText = (text: string) => text.startsWith('now');

/** `30m` for `now-30m … now`, else null. */
export function quickRangeOf({ from, to }: RangeText): string | null {
  return to === 'now' && from.startsWith('now-') ? from.slice(4) : null;
}

/** An absolute or mixed range in words, in the chosen zone: `12:00 – 12:30`, with dates when they are needed. */
export function absoluteLabel({ fromMs, toMs }: ResolvedRange, nowMs: number = Date.now()): string {
  const sameDay = formatDate(fromMs) === formatDate(toMs);
  const precision = toMs - fromMs < 5 * 60_000 ? 'second' : 'minute';
  const start = formatTime(fromMs, precision);
  const end = formatTime(toMs, precision);
  if (!sameDay) return `${formatDate(fromMs)} ${start} – ${formatDate(toMs)} ${end}`;
  return formatDate(fromMs) === formatDate(nowMs) ? `${start} – ${end}` : `${formatDate(fromMs)} ${start} – ${end}`;
}

/** Ranges looked at before and after this one; shared, so that zooms in one page can be undone in the next. */
const past = ref<RangeText[]>([]);
const future = ref<RangeText[]>([]);
const MAX_STEPS = 50;

export interface TimeRange {
  /** As in the URL: `now-30m`, an ISO instant or epoch milliseconds. Use these in query keys. */
  readonly from: string;
  readonly to: string;
  /** `30m` for a quick range (translate with `range.last`), else the range in words. */
  readonly label: string;
  readonly quick: string | null;
  readonly isRelative: boolean;
  readonly canGoBack: boolean;
  readonly canGoForward: boolean;
  readonly refreshKey: number;
  /** The range now, in Unix milliseconds. Not reactive to time: call it when loading. */
  resolve(): ResolvedRange;
  set(from: string, to: string): Promise<void>;
  /** An absolute range, in Unix milliseconds; ends are put in order, at least a millisecond apart. */
  zoom(fromMs: number, toMs: number): Promise<void>;
  back(): Promise<void>;
  forward(): Promise<void>;
  refresh(): void;
}

/** The page's time range. The URL is the state: `?from=&to=`. */
export function useTimeRange(): TimeRange {
  const route = useRoute();
  const router = useRouter();
  const current = computed(() => rangeOfQuery(route.query));
  const resolve = (): ResolvedRange => {
    const nowMs = Date.now();
    const fallback = nowMs - 1_800_000;
    return {
      fromMs: parseInstant(current.value.from, nowMs) ?? fallback,
      toMs: parseInstant(current.value.to, nowMs) ?? nowMs,
    };
  };
  const write = async (range: RangeText) => {
    await router.push({ query: { ...route.query, ...range }, hash: route.hash });
  };
  const set = async (from: string, to: string) => {
    const before = current.value;
    if (before.from === from && before.to === to) return refreshNow();
    past.value = [...past.value, before].slice(-MAX_STEPS);
    future.value = [];
    await write({ from, to });
  };
  const step = async (source: typeof past, target: typeof past) => {
    const next = source.value.at(-1);
    if (next === undefined) return;
    source.value = source.value.slice(0, -1);
    target.value = [...target.value, current.value];
    await write(next);
  };
  return reactive({
    from: computed(() => current.value.from),
    to: computed(() => current.value.to),
    quick: computed(() => quickRangeOf(current.value)),
    label: computed(() => quickRangeOf(current.value) ?? absoluteLabel(resolve())),
    isRelative: computed(() => isRelativeText(current.value.from) || isRelativeText(current.value.to)),
    canGoBack: computed(() => past.value.length > 0),
    canGoForward: computed(() => future.value.length > 0),
    refreshKey,
    resolve,
    set,
    zoom: (a: number, b: number) => {
      const [lo, hi] = a <= b ? [a, b] : [b, a];
      const fromMs = Math.floor(lo);
      return set(String(fromMs), String(Math.max(Math.ceil(hi), fromMs + 1)));
    },
    back: () => step(past, future),
    forward: () => step(future, past),
    refresh: refreshNow,
  });
}
