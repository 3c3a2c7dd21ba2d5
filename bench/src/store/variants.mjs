/**
 * The variants of store-tables: each takes the migration's statements and returns them with one choice made otherwise.
 */
const without = (pattern) => (statements) => statements.filter((statement) => !pattern.test(statement));
const inTable = (table, change) => (statements) =>
  statements.map((statement) =>
    new RegExp(`TABLE IF NOT EXISTS ${table}\\s`).test(statement) ? change(statement) : statement,
  );
const dropIndex = (name) => (statement) => statement.replace(new RegExp(`,\\s*INDEX ${name} [^\\n]*?(?=,?\\n)`), '');
const settings = (text) => (statement) => statement.replace(/SETTINGS /, `SETTINGS ${text}, `);
const retype = (from, to) => (statement) => statement.replace(from, to);
const all = (...edits) => ({ edit: (statements) => edits.reduce((before, edit) => edit(before), statements) });
const now = all();
const late = (variant) => ({ ...variant, insertSettings: 'materialize_skip_indexes_on_insert = 0' });
const buckets = (n) =>
  `map_serialization_version = 'with_buckets', map_serialization_version_for_zero_level_parts = 'basic', max_buckets_in_map = ${n}, map_buckets_strategy = 'constant', map_buckets_min_avg_size = 0`;
const onAttributes = [dropIndex('idx_attribute_keys'), dropIndex('idx_attribute_values')];
const noAttributeIndexes = (table) => inTable(table, (s) => onAttributes.reduce((t, f) => f(t), s));

const SPAN_QUERIES = {
  equality: `SELECT count() FROM spans_v3 WHERE attributes['http.route'] = '/api/items/{id}/7'`,
  rare: `SELECT count() FROM spans_v3 WHERE attributes['enduser.id'] = '12345678'`,
  'trace by id': `SELECT count() FROM spans_v3 WHERE trace_id = (SELECT max(trace_id) FROM traces_v3)`,
};
const LOG_QUERIES = {
  word: `SELECT count() FROM logs_v3 WHERE hasToken(lower(body), 'refreshed')`,
  rare: `SELECT count() FROM logs_v3 WHERE hasToken(lower(body), '12345678')`,
};
export const QUERIES = { views: {}, layout: { traces: SPAN_QUERIES, logs: LOG_QUERIES } };
const noIndexes = (table) => inTable(table, (s) => s.replace(/,?\n\s+INDEX [^\n]*/g, ''));
const bucketed = (n, strategy = 'constant', coefficient = 1) =>
  `map_serialization_version = 'with_buckets', map_serialization_version_for_zero_level_parts = 'basic', max_buckets_in_map = ${n}, map_buckets_strategy = '${strategy}', map_buckets_coefficient = ${coefficient}, map_buckets_min_avg_size = 0`;
const bodyIndex = (text) => inTable('logs_v3', (s) => s.replace(/INDEX idx_body [^\n]*/, `INDEX idx_body ${text}`));

export const VARIANTS = {
  layout: {
    traces: {
      map: late(now),
      b4: late(all(inTable('spans_v3', settings(bucketed(4))))),
      b8: late(all(inTable('spans_v3', settings(bucketed(8))))),
      'map, compact': late(all(inTable('spans_v3', settings('min_bytes_for_wide_part = 134217728')))),
      'b4, compact': late(all(inTable('spans_v3', settings(bucketed(4) + ', min_bytes_for_wide_part = 134217728')))),
      'b8, compact': late(all(inTable('spans_v3', settings(bucketed(8) + ', min_bytes_for_wide_part = 134217728')))),
      'map, no index': all(noIndexes('spans_v3')),
    },
    logs: {
      'as migrated': now,
      late: late(now),
      'buckets lin .5': late(all(inTable('logs_v3', settings(bucketed(16, 'linear', 0.5))))),
      'no idx_body': all(inTable('logs_v3', dropIndex('idx_body'))),
      'text body late': late(all(bodyIndex("lower(body) TYPE text(tokenizer = 'splitByNonAlpha')"))),
      'text body': all(bodyIndex("lower(body) TYPE text(tokenizer = 'splitByNonAlpha')")),
      'sparse body': late(all(bodyIndex('lower(body) TYPE tokenbf_v1(8192, 3, 0) GRANULARITY 1'))),
      'no by_trace': all(without(/logs_v3_by_trace_mv/)),
      'no index': all(noIndexes('logs_v3')),
    },
    metrics: {
      'as migrated': now,
      'no hourly': all(without(/metrics_v3_hourly_mv/)),
      'no rollups': all(without(/metrics_v3_(hourly|daily)_mv/)),
    },
  },
  views: {
    traces: {
      'as migrated': now,
      'no traces_v3': all(without(/traces_v3_mv/)),
      'no skip indexes': all(
        inTable('spans_v3', (s) =>
          s.replace(/,\n\s+INDEX [^\n]*/g, (m) => (m.endsWith(',') ? '' : '')).replace(/\n\s+INDEX [^\n]*/g, ''),
        ),
      ),
      again: now,
      'no idx_trace_id': all(inTable('spans_v3', dropIndex('idx_trace_id'))),
      'no idx_attribute_*': all(noAttributeIndexes('spans_v3')),
      'no idx_duration': all(inTable('spans_v3', dropIndex('idx_duration'))),
      'indexes by merges': late(now),
    },
    logs: {
      'as migrated': now,
      'no logs_v3_by_trace': all(without(/logs_v3_by_trace_mv/)),
      'no idx_body': all(inTable('logs_v3', dropIndex('idx_body'))),
      'no idx_attribute_*': all(noAttributeIndexes('logs_v3')),
      'no idx_trace_id': all(inTable('logs_v3', dropIndex('idx_trace_id'))),
      'indexes by merges': late(now),
    },
    metrics: {
      'as migrated': now,
      'no hourly': all(without(/metrics_v3_hourly_mv/)),
      'no rollups': all(without(/metrics_v3_(hourly|daily)_mv/)),
    },
  },
};
void [settings, retype, buckets];
