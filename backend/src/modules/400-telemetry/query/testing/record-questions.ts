import { parseTfql, QueryPart, type TfqlExpression } from '@telemetryflow/contracts';
import fc from 'fast-check';
import type { PartRequest, Steps } from '../engine/part.js';
import { HOUR_MS, KEYS, MINUTE_MS, ns, START_MS } from './record-scene.js';
import { TENANT } from './rows.js';

const FIELDS = {
  spans: ['service.name', 'name', 'kind', 'status', 'status.message', 'scope.name', 'trace_id', 'duration'],
  logs: ['service.name', 'severity', 'body', 'event.name', 'scope.name'],
  traces: ['service.name', 'name', 'status', 'trace_id', 'span_count'],
};
const ANY = [...KEYS, 'attributes.k', 'attributes.http.route', 'resource.k', 'resource.host'];
const NUMBERS = {
  spans: ['duration', 'k', 'http.route', 'resource.k'],
  logs: ['k', 'host'],
  traces: ['duration', 'span_count', 'error_count'],
};
const FILTERS = {
  spans: [
    '',
    '',
    'service.name:shop',
    'duration>1ms',
    'status:error',
    'k:5',
    'http.route:*',
    '-kind:server',
    'k>1 OR host:a',
    'timeout',
    'host!=a',
    'name~"^GET"',
  ],
  logs: ['', '', 'service.name:(shop OR cart)', 'severity:>=warn', 'timeout', 'k:5', 'NOT host:*', 'resource.k:*'],
};

type Records = 'spans' | 'logs' | 'traces';
const aggregationOf = (signal: Records) => {
  const filter = fc.constantFrom(...FILTERS[signal === 'logs' ? 'logs' : 'spans']);
  const field = fc.constantFrom(...NUMBERS[signal]);
  return fc.oneof(
    fc.record({ function: fc.constantFrom('count', 'rate'), where: filter }),
    fc.record({
      function: fc.constantFrom('count', 'distinct'),
      where: filter,
      field: fc.constantFrom(...FIELDS[signal]),
    }),
    fc.record({
      function: fc.constantFrom('sum', 'avg', 'min', 'max', 'last', 'p50', 'p75', 'p90', 'p95', 'p99', 'histogram'),
      field,
      where: filter,
    }),
    fc.record({ function: fc.constant('quantile'), level: fc.constantFrom(0.01, 0.33, 0.999), field }),
  );
};
const partOf = (signal: Records) =>
  fc.record({
    signal: fc.constant(signal),
    filter: fc.constantFrom(...FILTERS[signal === 'logs' ? 'logs' : 'spans']),
    aggregations: fc.array(aggregationOf(signal), { minLength: 1, maxLength: 4 }),
    groupBy: fc.uniqueArray(fc.constantFrom(...FIELDS[signal], ...(signal === 'traces' ? [] : ANY)), { maxLength: 3 }),
    limit: fc.constantFrom(1, 3, 1000),
    order: fc.option(fc.record({ by: fc.constant(0), direction: fc.constantFrom('asc', 'desc') }), { nil: undefined }),
  });
export const part = fc.oneof(partOf('spans'), partOf('logs'), partOf('traces'));
export const range = fc
  .tuple(fc.integer({ min: 0, max: 239 }), fc.integer({ min: 1, max: 240 }))
  .map(([from, length]) => ({
    fromMs: START_MS + from * MINUTE_MS + (from % 3) * 500,
    toMs: START_MS + (from + length) * MINUTE_MS,
  }))
  .filter(({ fromMs, toMs }) => fromMs < toMs);
export const steps = fc.constantFrom<'none' | 'uneven' | number>(
  'none',
  'none',
  'uneven',
  7 * MINUTE_MS,
  20 * MINUTE_MS,
  HOUR_MS,
);

function stepsOf(kind: 'none' | 'uneven' | number, fromMs: number, toMs: number): Steps | null {
  if (kind === 'none') return null;
  const starts: number[] = [];
  if (kind === 'uneven') {
    for (let at = fromMs - 90_000, i = 1; at < toMs; at += i++ * 11 * MINUTE_MS) starts.push(at);
    return { stepMs: 11 * MINUTE_MS, timeZone: 'Asia/Jakarta', starts };
  }
  for (let at = Math.floor(fromMs / kind) * kind; at < toMs; at += kind) starts.push(at);
  return { stepMs: kind, timeZone: 'UTC', starts };
}

export function requestOf(
  input: unknown,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  kind: 'none' | 'uneven' | number,
): PartRequest {
  const parsed = QueryPart.parse(input);
  return {
    tenantId: TENANT,
    part: parsed,
    filter: parseTfql(parsed.filter),
    wheres: parsed.aggregations.map((a): TfqlExpression => parseTfql(a.where)),
    range: { fromNs: ns(fromMs), toNs: ns(toMs) },
    steps: stepsOf(kind, fromMs, toMs),
  };
}
