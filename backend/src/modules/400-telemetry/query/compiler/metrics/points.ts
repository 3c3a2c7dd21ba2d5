import type { PlannedPart } from '../../engine/part.js';
import { Parameters, type Statement } from '../parameters.js';
import { nanosText, within } from '../time.js';
import type { MetricQuestion } from './question.js';
import { chosenPoints, chosenSeries, DISTRIBUTION_TYPES } from './selection.js';

interface PointRow {
  readonly time: string;
  readonly labels: string[];
  readonly value: number | null;
  readonly observed: string;
}

/** What a row of points shows besides its time and value, when nothing is asked for. */
const DEFAULT_FIELDS = ['service.name'];

/** Plans the data points themselves, newest first: time, the asked fields, and the value (of a distribution its sum and count). */
export function planPoints(question: MetricQuestion): PlannedPart {
  const { part, metric } = question;
  const fields = part.fields.length === 0 ? DEFAULT_FIELDS : part.fields;
  const isDistribution = DISTRIBUTION_TYPES.has(metric.type);
  const statement = compilePoints(question, fields);
  const plain = (name: string) => ({ name, unit: '' });
  const values = isDistribution
    ? [
        { name: 'sum', unit: metric.unit },
        { name: 'count', unit: '{count}' },
      ]
    : [{ name: 'value', unit: metric.unit }];
  return {
    table: isDistribution ? 'histograms_v3' : 'metrics_v3',
    statements: [statement],
    answer: async (run) => {
      const rows = await run<PointRow>(statement);
      return {
        kind: 'rows',
        columns: [plain('time'), ...fields.map(plain), ...values],
        rows: rows
          .slice(0, part.limit)
          .map((row) => [row.time, ...row.labels, row.value, ...(isDistribution ? [row.observed] : [])]),
        truncated: rows.length > part.limit,
      };
    },
  };
}

function compilePoints({ part, selection, metric }: MetricQuestion, fields: readonly string[]): Statement {
  const params = new Parameters(selection.tenantId);
  const chosen = chosenSeries({ ...selection, groupBy: fields }, params);
  const [table, columns, present] = DISTRIBUTION_TYPES.has(metric.type)
    ? ['histograms_v3', 'sum AS value, toString(count) AS observed', 'bitAnd(flags, 1) = 0']
    : ['metrics_v3', `value, '' AS observed`, `value_kind != 'none'`];
  return params.statement(`WITH ${chosen}
SELECT time, labels, value, observed
FROM (
  SELECT series_id, timestamp, ${nanosText('timestamp')} AS time, ${columns}
  FROM ${table}
  WHERE ${chosenPoints(selection, params)} AND ${within('timestamp', selection.range, params)} AND ${present}
  ORDER BY timestamp DESC, series_id LIMIT ${params.add('UInt32', part.limit + 1)}
) AS points
INNER JOIN chosen USING (series_id)
ORDER BY timestamp DESC, series_id`);
}
