import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SETTLING_SECONDS, TailPosition } from './tail-position.js';

const START = 1_000;

describe('TailPosition', () => {
  it('counts what is new of a second that was asked for before', () => {
    const position = new TailPosition(START);
    expect(position.count({ second: START, seconds: [START], records: [3] })).toBe(3);
    expect(position.count({ second: START, seconds: [START], records: [3] })).toBe(0);
    expect(position.count({ second: START + 1, seconds: [START, START + 1], records: [4, 2] })).toBe(3);
  });

  it('asks again for the seconds that may still gain rows, and never for what was before it', () => {
    const position = new TailPosition(START);
    position.count({ second: START + 3, seconds: [], records: [] });
    expect(position.from).toBe(START);
    position.count({ second: START + 60, seconds: [], records: [] });
    expect(position.from).toBe(START + 60 - SETTLING_SECONDS);
  });

  it('forgets what no answer can hold again', () => {
    const position = new TailPosition(START);
    position.count({ second: START, seconds: [START], records: [1] });
    position.markSent('1', START);
    position.count({ second: START + SETTLING_SECONDS, seconds: [START], records: [1] });
    expect(position.sentIds).toEqual(['1']);
    position.count({ second: START + SETTLING_SECONDS + 1, seconds: [], records: [] });
    expect(position.sentIds).toEqual([]);
  });

  it('follows a clock that was set back', () => {
    const position = new TailPosition(START);
    position.count({ second: START - 500, seconds: [], records: [] });
    expect(position.from).toBeLessThanOrEqual(START - 500);
  });

  it('counts every record once, however late its insert ends within the settling time and whenever it is asked', () => {
    const arrivals = fc.array(
      fc.record({ second: fc.integer({ min: 0, max: 40 }), lateBy: fc.integer({ min: 0, max: SETTLING_SECONDS - 1 }) }),
      { maxLength: 60 },
    );
    const asks = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 30 });
    fc.assert(
      fc.property(arrivals, asks, (records, times) => {
        const position = new TailPosition(START);
        let counted = 0;
        // Asked often enough that no second settles unseen, as every insert is news.
        const ticks = [...times, ...Array.from({ length: 61 }, (_, at) => at)].sort((a, b) => a - b);
        for (const at of ticks) {
          const { from } = position;
          const visible = records.filter((r) => START + r.second >= from && r.second + r.lateBy <= at);
          const bySecond = new Map<number, number>();
          for (const { second } of visible) bySecond.set(START + second, (bySecond.get(START + second) ?? 0) + 1);
          counted += position.count({
            second: START + at,
            seconds: [...bySecond.keys()],
            records: [...bySecond.values()],
          });
        }
        expect(counted).toBe(records.length);
      }),
    );
  });
});
