import type { LogRecord } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { severitySeries, severityTotals } from './histogram.js';
import { logLine, logText } from './log-text.js';

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

describe('histogram', () => {
  const answer = {
    stepMs: 10,
    total: 7,
    buckets: [
      { time: 0, counts: { error: 1, info: 4 } },
      { time: 10, counts: {} },
      { time: 20, counts: { info: 2 } },
    ],
  };

  it('stacks the severities that occur, the quietest first, zeros included', () => {
    expect(severitySeries(answer)).toEqual([
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

  it('adds up', () => expect(severityTotals(answer)).toEqual({ info: 6, error: 1 }));
});
