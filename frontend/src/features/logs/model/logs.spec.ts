import type { LogRecord } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { logLine, logText } from './log-text.js';
import { severitySeries, volumeStep } from './volume.js';

const record = (body: LogRecord['body'], eventName = '') => ({ body, eventName }) as LogRecord;

describe('log text', () => {
  it.each([
    [record('payment declined'), 'payment declined'],
    [record('first\n   second'), 'first ⏎ second'],
    [record({ user: { id: 42 } }), '{"user":{"id":42}}'],
    [record(null, 'session.start'), 'session.start'],
    [record('', 'session.start'), 'session.start'],
    [record(null), ''],
    [record(0), '0'],
    [record(false), 'false'],
  ])('%j in one line', (log, line) => expect(logLine(log)).toBe(line));

  it('keeps the lines where there is room', () => expect(logText('a\nb', '')).toBe('a\nb'));
});

describe('volume', () => {
  it('stacks the severities that occur, the quietest first, zeros included', () => {
    const groups = [
      { labels: ['error'], series: [[1, null, 0]] },
      { labels: ['info'], series: [[4, 0, 2]] },
    ];
    expect(severitySeries(groups, [0, 10, 20])).toEqual([
      {
        name: 'info',
        points: [
          [0, 4],
          [10, 0],
          [20, 2],
        ],
      },
      {
        name: 'error',
        points: [
          [0, 1],
          [10, 0],
          [20, 0],
        ],
      },
    ]);
  });

  it.each([
    [900_000, '10s'],
    [1_800_000, '30s'],
    [86_400_000, '15m'],
    [90 * 86_400_000, '1d'],
    [1000, '1s'],
  ])('cuts %i ms into steps of %s', (rangeMs, step) => expect(volumeStep(rangeMs)).toBe(step));
});
