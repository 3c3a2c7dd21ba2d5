import { describe, expect, it } from 'vitest';
import { bothFilters, durationRangeOf, durationText, withDurationRange } from './filter-range.js';
import { stepFor } from './use-telemetry-query.js';

describe('a range of durations in a filter', () => {
  it('is read from its bounds', () => {
    expect(durationRangeOf('service:cart duration>=1.5ms duration:<2s')).toEqual({ lowNs: 1.5e6, highNs: 2e9 });
    expect(durationRangeOf('duration>500')).toEqual({ lowNs: 5e8 });
    // Either of two is no range.
    expect(durationRangeOf('duration>1s OR status:error')).toEqual({});
    expect(durationRangeOf('duration>(')).toEqual({});
  });

  it('takes the place of the one before', () => {
    const chosen = withDurationRange('service:cart AND duration>1s', { lowNs: 1.234e6, highNs: 5e6 });
    expect(chosen).toBe('service:cart AND duration>=1.23ms AND duration<5ms');
    expect(durationRangeOf(chosen)).toEqual({ lowNs: 1.23e6, highNs: 5e6 });
    expect(withDurationRange(chosen, {})).toBe('service:cart');
    expect(withDurationRange('duration>1s', {})).toBe('');
  });

  it('leaves a filter alone that can’t be read', () => expect(withDurationRange('a:(', { lowNs: 1 })).toBe('a:('));

  it.each([
    [1, '1ns'],
    [1_500, '1.5us'],
    [12_345_678, '12.3ms'],
    [90e9, '90s'],
  ])('writes %d ns as %s', (ns, text) => expect(durationText(ns)).toBe(text));
});

it('joins filters so that each keeps its meaning', () => {
  expect(bothFilters('a:1 OR b:2', 'c:3')).toBe('(a:1 OR b:2) AND (c:3)');
  expect(bothFilters('', 'c:3')).toBe('c:3');
  expect(bothFilters('a:1', ' ')).toBe('a:1');
});

it('cuts a range into round steps', () => {
  expect(stepFor({ fromMs: 0, toMs: 1_800_000 }, 40)).toBe('60s');
  expect(stepFor({ fromMs: 0, toMs: 86_400_000 }, 40)).toBe('3600s');
  expect(stepFor({ fromMs: 0, toMs: 400 * 86_400_000 }, 40)).toBe('10d');
});
