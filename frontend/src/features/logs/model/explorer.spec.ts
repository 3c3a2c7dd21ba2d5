import type { LogRecord, MetricName } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { columnText, isoInstant, logTable } from './log-columns.js';
import { structuredBody } from './log-text.js';
import { withFilter } from './pattern-filter.js';
import { surroundingCharts, tellingMetrics } from './surrounding.js';

const record: LogRecord = {
  id: '1',
  timeUnixNano: '1772622063221000001',
  observedTimeUnixNano: '1772622063221000001',
  severityNumber: 17,
  severityText: 'ERROR',
  serviceName: 'cart',
  body: { message: 'no' },
  eventName: '',
  traceId: 'ab',
  spanId: '',
  flags: 0,
  attributes: { 'http.route': '/a', list: [1], 'user.id': 7 },
  resourceAttributes: { 'host.name': 'web-1', 'http.route': 'never' },
  scope: { name: 'lib', version: '', attributes: {}, schemaUrl: '' },
  droppedAttributesCount: 0,
};

describe('columns', () => {
  it.each([
    ['http.route', '/a'],
    ['attributes.user.id', '7'],
    ['host.name', 'web-1'],
    ['resource.http.route', 'never'],
    ['attributes.host.name', ''],
    ['severity', 'error'],
    ['scope.name', 'lib'],
    ['span_id', ''],
    ['constructor', ''],
  ])('%s is %j', (name, text) => expect(columnText(record, name)).toBe(text));

  it('are part of what is downloaded', () => {
    expect(logTable([record], ['host.name'])).toEqual({
      columns: ['time', 'severity', 'service.name', 'host.name', 'body', 'trace_id', 'span_id'],
      rows: [['2026-03-04T11:01:03.221000001Z', 'error', 'cart', 'web-1', '{"message":"no"}', 'ab', '']],
    });
  });

  it('keep nanoseconds', () => expect(isoInstant('1')).toBe('1970-01-01T00:00:00.000000001Z'));
});

describe('bodies', () => {
  it.each([
    ['{"a":[1]}', { a: [1] }],
    [' [1]', [1]],
    ['{not json', null],
    ['12', null],
    [null, null],
    [{ a: 1 }, { a: 1 }],
  ])('%j is structured as %j', (body, value) => expect(structuredBody(body)).toEqual(value));
});

describe('filters put together', () => {
  it.each([
    ['', 'body~"^a$"', false, 'body~"^a$"'],
    ['service:cart', 'body~"^a$"', true, 'service:cart AND NOT body~"^a$"'],
    ['a OR b', 'c', false, '(a OR b) AND c'],
    ['a AND c', 'c', false, 'a AND c'],
    ['a AND (', 'c', false, 'a AND ('],
  ])('%j and %j (excluded: %s)', (filter, other, isExcluded, text) => {
    expect(withFilter(filter, other, isExcluded)).toBe(text);
  });
});

describe('what surrounds a record', () => {
  const metric = (name: string, type: MetricName['type'] = 'gauge') => ({ name, type }) as MetricName;
  const words = { requests: 'requests', latency: 'latency', all: 'all', failed: 'failed' };

  it('are the most telling metrics', () => {
    const metrics = ['a.count', 'process.memory.usage', 'z.queue', 'process.cpu.time'].map((name) => metric(name));
    expect(tellingMetrics(metrics, 3).map(({ name }) => name)).toEqual([
      'process.cpu.time',
      'process.memory.usage',
      'z.queue',
    ]);
  });

  it('asks for eight parts at most, each as its type wants it, and for nothing that may not be read', () => {
    const metrics = [
      metric('m', 'counter'),
      metric('h', 'histogram'),
      ...'abcdefg'.split('').map((name) => metric(name)),
    ];
    const all = surroundingCharts({ serviceName: 'my cart' }, metrics, { traces: true, metrics: true }, words);
    expect(all.map(({ label }) => label).join('')).toBe('ABCDEFGH');
    expect(all[2]?.part).toEqual({
      label: 'C',
      signal: 'metrics',
      metric: 'm',
      filter: 'service.name:"my cart"',
      aggregations: [{ function: 'rate' }],
    });
    expect(all[3]?.part.aggregations).toEqual([{ function: 'p95' }]);
    const few = surroundingCharts(
      { serviceName: 'cart' },
      metrics.slice(0, 1),
      { traces: false, metrics: true },
      words,
    );
    expect(few.map(({ part }) => part.signal)).toEqual(['metrics']);
  });
});
