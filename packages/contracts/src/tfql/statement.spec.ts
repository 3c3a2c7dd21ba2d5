import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TelemetryQuery } from '../query.js';
import {
  aggregationName,
  formatQuery,
  formatTfql,
  parseQuery,
  parseTfql,
  TfqlSyntaxError,
  type TfqlQuery,
  type TfqlQueryInput,
} from './index.js';

type AggregationInput = NonNullable<TfqlQueryInput['queries'][number]['aggregations']>[number];

/** With its defaults filled in, as the server reads it. */
function complete(query: TfqlQueryInput): TfqlQuery {
  const { queries, formulas, step, compare } = TelemetryQuery.parse(query);
  return { queries, formulas, step, compare };
}

function failure(source: string): TfqlSyntaxError {
  try {
    parseQuery(source);
  } catch (error) {
    if (error instanceof TfqlSyntaxError) return error;
    throw error;
  }
  throw new Error(`${source} was accepted`);
}

describe('parseQuery', () => {
  it.each<[string, TfqlQueryInput]>([
    ['logs', { queries: [{ signal: 'logs' }] }],
    [
      'spans service.name:checkout duration>500ms | p95(duration) by http.route every 1m',
      {
        queries: [
          {
            signal: 'spans',
            filter: 'service.name:checkout AND duration>500ms',
            aggregations: [{ function: 'p95', field: 'duration' }],
            groupBy: ['http.route'],
          },
        ],
        step: '1m',
      },
    ],
    [
      'traces status:error|count, p95(duration) where kind:server as "server time" by service.name, http.route every none|sort by p95(duration) asc|top 10|compare 1d',
      {
        queries: [
          {
            signal: 'traces',
            filter: 'status:error',
            aggregations: [
              { function: 'count' },
              { function: 'p95', field: 'duration', where: 'kind:server', alias: 'server time' },
            ],
            groupBy: ['service.name', 'http.route'],
            order: { by: 1, direction: 'asc' },
            limit: 10,
          },
        ],
        step: 'none',
        compare: '1d',
      },
    ],
    [
      'logs timeout OR "no (route)" | fields severity, body, attributes."a key" | limit 100',
      {
        queries: [
          {
            signal: 'logs',
            filter: 'timeout OR "no (route)"',
            fields: ['severity', 'body', 'attributes.a key'],
            limit: 100,
          },
        ],
      },
    ],
    [
      'A = spans kind:server | count by service.name | hide;\nB = spans kind:server status:error\n  | count\n  | by service.name\n\nF1 = B/A*100 as "error rate"',
      {
        queries: [
          {
            label: 'A',
            signal: 'spans',
            filter: 'kind:server',
            aggregations: [{ function: 'count' }],
            groupBy: ['service.name'],
            hidden: true,
          },
          {
            label: 'B',
            signal: 'spans',
            filter: 'kind:server AND status:error',
            aggregations: [{ function: 'count' }],
            groupBy: ['service.name'],
          },
        ],
        formulas: [{ label: 'F1', expression: 'B / A * 100', alias: 'error rate' }],
      },
    ],
    [
      'spans | count where (status:error, by) OR as as errors, rate | sort by errors',
      // The filter of an aggregation ends at the first `as`.
      { queries: [] },
    ],
    [
      'spans | count where (status:error by) as errors, quantile(duration, 0.9) | sort by errors',
      {
        queries: [
          {
            signal: 'spans',
            aggregations: [
              { function: 'count', where: 'status:error AND by', alias: 'errors' },
              { function: 'quantile', field: 'duration', level: 0.9 },
            ],
            order: { by: 0 },
          },
        ],
      },
    ],
    [
      'logs (a|b;c) name~^(x|y)$ | top 5 by service.name asc | by service.name | count',
      {
        queries: [
          {
            signal: 'logs',
            filter: 'a|b;c AND name~^(x|y)$',
            aggregations: [{ function: 'count' }],
            groupBy: ['service.name'],
            order: { by: 'service.name', direction: 'asc' },
            limit: 5,
          },
        ],
      },
    ],
    [
      'metrics http_server_request_duration_seconds{http_route="/x", code=~"5..", zone="", http_method!="GET"} region:eu | rate by http_route',
      {
        queries: [
          {
            signal: 'metrics',
            metric: 'http_server_request_duration_seconds',
            filter: 'http_route="/x" AND code~"^(?:5..)$" AND NOT zone:* AND http_method!="GET" AND region:eu',
            aggregations: [{ function: 'rate' }],
            groupBy: ['http_route'],
          },
        ],
      },
    ],
    [
      'metrics "a metric" | quantile(0.9), histogram',
      {
        queries: [
          {
            signal: 'metrics',
            metric: 'a metric',
            aggregations: [{ function: 'quantile', level: 0.9 }, { function: 'histogram' }],
          },
        ],
      },
    ],
  ])('reads %s', (source, expected) => {
    if (expected.queries.length === 0) expect(failure(source).problem).toContain('expected a condition');
    else expect(parseQuery(source)).toEqual(complete(expected));
  });

  it('labels what has no label with the next free letters', () => {
    expect(parseQuery('spans\nA = logs\ntraces').queries.map(({ label, signal }) => label + signal)).toEqual([
      'Bspans',
      'Alogs',
      'Ctraces',
    ]);
  });

  it.each<[string, number, string, string]>([
    ['', 0, 'expected a query', 'spans'],
    ['span service:x', 0, 'expected spans, logs, traces or metrics instead of span', 'did you mean spans?'],
    ['service:x', 0, 'expected spans, logs, traces or metrics', 'begin with one'],
    ['spans |', 7, 'expected a function or a stage', 'count'],
    ['spans | coutn by x', 8, 'coutn is no function or stage', 'did you mean count'],
    ['spans | count, p59(duration)', 15, 'p59 is no function', 'did you mean'],
    ['spans | count evry 1m', 14, 'unexpected "evry"', 'did you mean every?'],
    ['spans | count by', 16, 'expected a field name', 'http.route'],
    ['spans | count every', 19, 'expected a duration', '1m'],
    ['spans | count every soon', 20, 'soon is no duration', '30s'],
    ['spans | p95', 8, 'p95 needs a field', 'p95(duration)'],
    ['spans | count(duration)', 8, 'count takes no field', 'count where duration:*'],
    ['spans | increase(duration)', 8, 'of metrics only', 'rate'],
    ['spans | quantile(duration)', 8, 'level between 0 and 1', '0.9'],
    ['spans | p95(duration', 11, 'never closed', 'closing )'],
    ['metrics', 7, "expected a metric's name", 'metrics http'],
    ['metrics m | p95(duration)', 12, 'p95 takes no field here', 'remove'],
    ['metrics m{a=x}', 12, 'expected a value for a', 'quoted'],
    ['metrics m{a="x"', 9, 'brace that opens here is never closed', '}'],
    ['spans a= | count', 9, 'expected a value for a', 'quoted'],
    ['spans (a | count', 6, 'never closed', ')'],
    ['spans a==5', 7, '== is no operator', 'write ='],
    ['spans a && b', 8, '&& is no operator', 'write AND'],
    ['spans | count where | by x', 20, 'expected a condition', 'field:value'],
    ['spans | count as', 16, 'expected a name', 'after as'],
    ['spans | count | sort by p95(duration)', 24, 'no p95(duration) to sort by', 'use count'],
    ['spans | top x', 12, 'expected a number', '10'],
    ['spans | top 5000', 12, '5000 is no limit', '1000'],
    ['spans | count every 1m\nlogs | count every 5m', 42, 'another step than 1m', 'the same'],
    ['A = spans\nA = logs', 10, 'A is there already', 'another'],
    ['Z = spans', 0, "Z can't label a query", 'A to H'],
    ['A = span | count', 4, 'expected spans, logs', 'did you mean spans?'],
    ['spans\nF1 = A / B', 15, 'no query is labelled B', 'B ='],
    ['spans\nF1 = A /', 14, 'expected a label or a number', 'B / A'],
    ['spans\nF1 = (A', 11, 'never closed', ')'],
    ['spans\nB = A * 2', 10, 'expected spans, logs', 'F1'],
    ['spans | count by a, b, c, d, e, f', 32, 'too many keys', '5'],
  ])('refuses %s at its position', (source, position, problem, suggestion) => {
    const error = failure(source);
    expect(error.message).toContain(problem);
    expect(error.suggestion).toContain(suggestion);
    expect(error.position).toBe(position);
  });

  it('never fails with anything but a syntax error, and writes what it read', () => {
    const lexeme = fc.constantFrom(
      ...['spans', 'logs', 'metrics', 'm', '{', '}', '=~', '|', ';', '\n', 'A =', 'F1 =', 'B', '/', '*'],
      ...['count', 'p95(duration)', 'quantile(', '0.9', ')', '(', ',', 'where', 'as', 'by', 'every', '1m', 'sort'],
      ...['top', '10', 'hide', 'compare', 'a:1', 'b', '"q', '"', '\\', '-', 'AND', 'NOT', 'exists(', 'x:('],
    );
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(lexeme, { maxLength: 25 }).map((parts) => `spans ${parts.join(' ')}`),
    );
    fc.assert(
      fc.property(hostile, (source) => {
        try {
          const query = parseQuery(source);
          expect(parseQuery(formatQuery(query))).toEqual(query);
        } catch (error) {
          if (!(error instanceof TfqlSyntaxError)) throw error;
          expect(error.position).toBeGreaterThanOrEqual(0);
          expect(error.position).toBeLessThanOrEqual(source.length);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('formatQuery', () => {
  const anyName = fc.oneof(
    fc.constantFrom('duration', 'http.route', 'a b', 'count', 'by', 'as', '5', 'exists', 'attributes.x y', 'errors'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  );
  const filter = fc
    .array(
      fc.oneof(
        fc.constantFrom('status:error', 'a|b', 'x;y', 'as', 'by', 'a,b', '{x', '=x', 'n~^(a|b)$', 'n~a|b', 'NOT c:*'),
        anyName.map((text) => formatTfql({ kind: 'text', value: { text, quoted: true }, at: { from: 0, to: 0 } })),
      ),
      { maxLength: 3 },
    )
    .map((parts) => formatTfql(parseTfql(parts.join(' '))));
  const named = { where: filter, alias: fc.oneof(fc.constant(''), anyName) };
  const recordAggregation = fc.oneof(
    fc.record({ function: fc.constantFrom('count', 'rate'), field: fc.constant(''), ...named }),
    fc.record({ function: fc.constantFrom('p95', 'sum', 'distinct', 'histogram'), field: anyName, ...named }),
    fc.record({ function: fc.constant('quantile'), field: anyName, level: fc.constantFrom(0.5, 0.99), ...named }),
  );
  const metricAggregation = fc.record({
    function: fc.constantFrom('avg', 'increase', 'rate', 'p99'),
    field: fc.constant(''),
    ...named,
  });
  const groupBy = fc.uniqueArray(anyName, { maxLength: 3 });
  const shared = {
    filter,
    limit: fc.constantFrom(20, 1, 1000),
    fields: fc.array(anyName, { maxLength: 3 }),
    hidden: fc.boolean(),
  };
  const partOf = (signal: 'records' | 'metrics') =>
    fc
      .record({
        ...shared,
        signal: signal === 'metrics' ? fc.constant('metrics') : fc.constantFrom('spans', 'logs', 'traces'),
        metric: signal === 'metrics' ? anyName : fc.constant(''),
        aggregations: fc.array<AggregationInput>(signal === 'metrics' ? metricAggregation : recordAggregation, {
          maxLength: 3,
        }),
        groupBy,
        wantsOrder: fc.nat(8),
        direction: fc.constantFrom('asc', 'desc'),
      })
      .map(({ wantsOrder, direction, ...part }) => {
        const keys: (string | number)[] = [...part.aggregations.keys(), ...part.groupBy];
        const by = keys[wantsOrder];
        return by === undefined ? part : { ...part, order: { by, direction } };
      });
  const query = fc
    .record({
      parts: fc.array(fc.oneof(partOf('records'), partOf('metrics')), { minLength: 1, maxLength: 3 }),
      step: fc.constantFrom('auto', 'none', '5m'),
      compare: fc.constantFrom('', '1d'),
      formula: fc.option(fc.record({ expression: fc.constantFrom('A * 100', '-A / (A.2 + 1.5e-3)'), alias: anyName })),
    })
    .map(({ parts, step, compare, formula }) => ({
      queries: parts.map((part, i) => ({ ...part, label: 'ABC'[i] })),
      formulas: formula === null ? [] : [{ label: 'F1', ...formula }],
      step,
      compare,
    }));

  it('writes what reads back as the same model', () => {
    fc.assert(
      fc.property(query, (generated) => {
        const model = complete(generated as TfqlQueryInput);
        const text = formatQuery(model);
        expect(parseQuery(text)).toEqual(model);
        expect(formatQuery(parseQuery(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('writes canonically', () => {
    const text = 'spans   a:1 b:2|p95( duration )where x:1 as slow,count by  service.name every  1m|top 3';
    expect(formatQuery(parseQuery(text))).toBe(
      'spans a:1 AND b:2 | p95(duration) where x:1 as slow, count by service.name every 1m | top 3',
    );
  });

  it('names aggregations as they are written', () => {
    expect(aggregationName({ function: 'quantile', field: 'duration', level: 0.9 })).toBe('quantile(duration, 0.9)');
    expect(aggregationName({ function: 'count', where: 'status:error' })).toBe('count where status:error');
    expect(aggregationName({ function: 'p95', field: 'a key' })).toBe('p95("a key")');
  });
});
