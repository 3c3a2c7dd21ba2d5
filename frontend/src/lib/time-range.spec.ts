// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { createApp, defineComponent, h } from 'vue';
import { createMemoryHistory, createRouter } from 'vue-router';
import { zoneChoice } from './preferences.js';
import {
  absoluteLabel,
  parseInstant,
  quickRangeOf,
  rangeOfQuery,
  rangeProblem,
  useTimeRange,
  type TimeRange,
} from './time-range.js';

const NOW = Date.parse('2026-03-04T12:00:00Z');

describe('parseInstant', () => {
  it.each([
    ['now', NOW],
    ['now-30m', NOW - 1_800_000],
    ['now-2d', NOW - 172_800_000],
    ['2026-03-04T11:00:00Z', NOW - 3_600_000],
    [String(NOW), NOW],
  ])('%s', (text, ms) => expect(parseInstant(text, NOW)).toBe(ms));

  it.each(['', '1', 'yesterday', 'now+5m', 'now-5x', 'now-', '2026-13-45T00:00', '12:00'])('refuses "%s"', (text) =>
    expect(parseInstant(text, NOW)).toBeNull(),
  );
});

describe('a range', () => {
  it('says what is wrong with it', () => {
    expect(rangeProblem('now-1h', 'now', NOW)).toBeNull();
    expect(rangeProblem('x', 'now', NOW)).toBe('from');
    expect(rangeProblem('now-1h', 'x', NOW)).toBe('to');
    expect(rangeProblem('now', 'now-1h', NOW)).toBe('order');
    expect(rangeProblem('now', 'now', NOW)).toBe('order');
  });

  it('falls back to the last 30 minutes', () => {
    expect(rangeOfQuery({})).toEqual({ from: 'now-30m', to: 'now' });
    expect(rangeOfQuery({ from: 'rubbish', to: 'now' })).toEqual({ from: 'now-30m', to: 'now' });
    expect(rangeOfQuery({ from: 'now-6h' })).toEqual({ from: 'now-6h', to: 'now' });
  });

  it('is called by its preset or in words', () => {
    expect(quickRangeOf({ from: 'now-6h', to: 'now' })).toBe('6h');
    expect(quickRangeOf({ from: 'now-6h', to: 'now-1h' })).toBeNull();
    zoneChoice.value = 'UTC';
    expect(absoluteLabel({ fromMs: NOW - 1_800_000, toMs: NOW }, NOW)).toBe('11:30 – 12:00');
    expect(absoluteLabel({ fromMs: NOW - 60_000, toMs: NOW }, NOW + 86_400_000)).toBe('2026-03-04 11:59:00 – 12:00:00');
    expect(absoluteLabel({ fromMs: NOW - 86_400_000, toMs: NOW }, NOW)).toBe('2026-03-03 12:00 – 2026-03-04 12:00');
  });
});

describe('useTimeRange', () => {
  async function mounted(path: string) {
    const page = defineComponent({ render: () => h('div') });
    const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:p(.*)*', component: page }] });
    await router.push(path);
    const found: { range?: TimeRange } = {};
    const app = createApp({
      setup() {
        found.range = useTimeRange();
        return () => h('div');
      },
    });
    app.use(router).mount(document.createElement('div'));
    return { range: found.range!, router };
  }

  it('writes the URL and keeps the rest of it', async () => {
    const { range, router } = await mounted('/logs?filter=a%3Ab');
    expect([range.from, range.to, range.quick, range.isRelative]).toEqual(['now-30m', 'now', '30m', true]);
    await range.zoom(2_000_000_000_500.7, 2_000_000_000_000.2);
    expect(router.currentRoute.value.query).toEqual({ filter: 'a:b', from: '2000000000000', to: '2000000000501' });
    expect(range.resolve()).toEqual({ fromMs: 2_000_000_000_000, toMs: 2_000_000_000_501 });
    expect([range.isRelative, range.quick]).toEqual([false, null]);
  });

  it('goes back and forward through ranges', async () => {
    const { range } = await mounted('/traces');
    await range.set('now-6h', 'now');
    await range.set('now-1h', 'now');
    await range.back();
    expect(range.quick).toBe('6h');
    expect(range.canGoForward).toBe(true);
    await range.forward();
    expect([range.quick, range.canGoForward]).toEqual(['1h', false]);
    await range.back();
    await range.set('now-5m', 'now');
    expect(range.canGoForward).toBe(false);
  });

  it('counts setting the same range as a refresh', async () => {
    const { range } = await mounted('/metrics?from=now-1h&to=now');
    const before = range.refreshKey;
    await range.set('now-1h', 'now');
    expect(range.refreshKey).toBe(before + 1);
  });
});
