import { describe, expect, it } from 'vitest';
import { fromStatements, partOf, queryOf, toStatements, type Explored } from './metric-query.js';

describe('statements', () => {
  const explored: Explored = {
    queries: [
      {
        label: 'A',
        metric: 'http.server.requests',
        show: 'rate',
        groupBy: ['http.route'],
        filter: 'service.name:shop',
        hidden: true,
      },
      { ...queryOf('http.server.request.duration', 'B'), show: 'percentiles' },
      { ...queryOf('queue size', 'C'), show: 'heatmap' },
      queryOf('process.cpu', 'D'),
    ],
    formulas: [{ label: 'F1', expression: 'A * 60', alias: 'per minute' }],
  };

  it('keep all that is explored', () => {
    expect(fromStatements(toStatements(explored))).toEqual(explored);
  });

  it('can be read', () => {
    expect(toStatements({ ...explored, queries: explored.queries.slice(0, 1) })).toBe(
      'A = metrics http.server.requests service.name:shop | rate by http.route | hide\nF1 = A * 60 as "per minute"',
    );
  });
});

it('asks for a heatmap with the percentiles that are drawn over it', () => {
  const part = partOf({ ...queryOf('latency'), show: 'heatmap' });
  expect(part.aggregations?.map((aggregation) => aggregation.function)).toEqual(['histogram', 'p50', 'p95', 'p99']);
  expect(part.limit).toBe(1);
});
