/**
 * The variants of store-tables: each takes the migration's statements and returns them with one choice made otherwise.
 * `insertSettings` are those of the ingest path unless a variant brings its own.
 */
const inTable = (table, change) => (statements) =>
  statements.map((statement) =>
    new RegExp(`TABLE IF NOT EXISTS ${table}\\s`).test(statement) ? change(statement) : statement,
  );
const withoutView = (name) => (statements) =>
  statements.filter((statement) => !new RegExp(`VIEW IF NOT EXISTS ${name}\\s`).test(statement));
const withoutViews = withoutView('\\w+');
const withoutColumn = (name) => (statements) =>
  statements.filter((statement) => !statement.includes(`ADD COLUMN IF NOT EXISTS ${name} `));
const withoutIndex = (table, name) =>
  inTable(table, (sql) => sql.replace(new RegExp(`,\\s*INDEX ${name} [^\\n]*?(?=,?\\n)`, 'g'), ''));
const changed = (table, from, to) => inTable(table, (sql) => sql.replace(from, to));
const settings = (table, text) => changed(table, /SETTINGS /, `SETTINGS ${text}, `);
const indexOf = (table, name, definition) => changed(table, new RegExp(`INDEX ${name} [^\\n]*?(?=,?\\n)`), definition);

const LATE = 'materialize_skip_indexes_on_insert = 0';
const EARLY = 'materialize_skip_indexes_on_insert = 1';
const variant = (...edits) => ({
  insertSettings: LATE,
  edit: (statements) => edits.reduce((before, edit) => edit(before), statements),
});
const early = (made) => ({ ...made, insertSettings: EARLY });
const chosen = variant();

const PLAIN_MAP = [/map_serialization_version = 'with_buckets'/, `map_serialization_version = 'basic'`];
const buckets = (table, coefficient) =>
  changed(table, /map_buckets_coefficient = [\d.]+/, `map_buckets_coefficient = ${coefficient}`);
const ATTRIBUTE_INDEXES = [
  withoutIndex('spans_v3', 'idx_attribute_\\w+'),
  withoutIndex('logs_v3', 'idx_attribute_\\w+'),
];
const bodyAs = (type) => indexOf('logs_v3', 'idx_body', `INDEX idx_body lower(body) TYPE ${type}`);

const SPAN_QUERIES = {
  equality: `SELECT count() FROM spans_v3 WHERE attributes['http.route'] = '/api/items/{id}/7'`,
  exists: `SELECT count() FROM spans_v3 WHERE attributes['cache.hit'] != '' OR has(empty_attributes, 'cache.hit')`,
  'rare value': `SELECT count() FROM spans_v3 WHERE attributes['enduser.id'] = '12345678'`,
  'trace by id': `SELECT count() FROM spans_v3 WHERE trace_id = (SELECT max(trace_id) FROM spans_v3 WHERE kind = 2)`,
};
const LOG_QUERIES = {
  'common word': `SELECT count() FROM logs_v3 WHERE hasToken(lower(body), 'refreshed')`,
  'rare word': `SELECT count() FROM logs_v3 WHERE hasToken(lower(body), '12345678')`,
};
const spans = (table) =>
  table.replace(/DateTime64\(9, 'UTC'\) CODEC\(Delta, ZSTD\(1\)\)/, `DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(1))`);

export const QUERIES = {
  layout: { traces: SPAN_QUERIES },
  indexes: { traces: SPAN_QUERIES, logs: LOG_QUERIES },
  order: { traces: SPAN_QUERIES },
};

const eightAtATime = (statements) =>
  statements.map((sql) =>
    sql.replace(/^SETTINGS /m, 'SETTINGS min_parts_to_merge_at_once = 8, merge_selector_base = 10, '),
  );

export const VARIANTS = {
  merges: {
    traces: {
      "ClickHouse's defaults": { ...chosen, mergesItself: true },
      'eight at a time': { ...variant(eightAtATime), mergesItself: true },
    },
  },
  layout: {
    traces: {
      chosen,
      'no http_route': variant(withoutColumn('http_route')),
      'plain map': variant(changed('spans_v3', ...PLAIN_MAP)),
      'a bucket per key': variant(buckets('spans_v3', 1)),
      'no empty_attributes': variant(changed('spans_v3', /\n\s+empty_attributes [^\n]*/, '')),
    },
  },
  views: {
    traces: {
      chosen,
      'no traces_v3': variant(withoutView('traces_v3_mv')),
      'no attribute_values_v3': variant(withoutView('attribute_values_v3_\\w+')),
      'no services_v3': variant(withoutView('services_v3_\\w+')),
      'no views': variant(withoutViews),
    },
    logs: {
      chosen,
      'no logs_v3_by_trace': variant(withoutView('logs_v3_by_trace_mv')),
      'no attribute_values_v3': variant(withoutView('attribute_values_v3_\\w+')),
      'no views': variant(withoutViews),
    },
    metrics: {
      chosen,
      'no hourly': variant(withoutView('metrics_v3_hourly_mv')),
      'no rollups of points': variant(withoutView('metrics_v3_\\w+')),
      'no views': variant(withoutViews),
    },
  },
  indexes: {
    traces: {
      chosen,
      'built at insert': early(chosen),
      'no trace id': variant(withoutIndex('spans_v3', 'idx_trace_id')),
      'no attributes': variant(...ATTRIBUTE_INDEXES),
      'text on values': variant(
        indexOf(
          'spans_v3',
          'idx_attribute_values',
          `INDEX idx_attribute_values mapValues(attributes) TYPE text(tokenizer = 'array')`,
        ),
      ),
    },
    logs: {
      chosen,
      'built at insert': early(chosen),
      'no body': variant(withoutIndex('logs_v3', 'idx_body')),
      'body by text index': variant(bodyAs(`text(tokenizer = 'splitByNonAlpha')`)),
      'body by tokenbf 8 KiB': variant(bodyAs('tokenbf_v1(8192, 3, 0) GRANULARITY 1')),
      'body by tokenbf 32 KiB': variant(bodyAs('tokenbf_v1(32768, 3, 0) GRANULARITY 1')),
      'body by tokenbf 128 KiB': variant(bodyAs('tokenbf_v1(131072, 3, 0) GRANULARITY 1')),
    },
  },
  codecs: {
    traces: {
      chosen,
      'all LZ4': variant((statements) => statements.map((sql) => sql.replace(/ CODEC\([^\n]*?\)(?=,?\n)/g, ''))),
      'maps ZSTD(3)': variant(changed('spans_v3', /(attributes\s+Map\([^\n]*?)CODEC\(ZSTD\(1\)\)/, '$1CODEC(ZSTD(3))')),
      'maps LZ4': variant(changed('spans_v3', /(attributes\s+Map\([^\n]*?) CODEC\(ZSTD\(1\)\)/, '$1')),
      'times DoubleDelta': variant(inTable('spans_v3', spans)),
      'durations without T64': variant(changed('spans_v3', 'CODEC(T64, ZSTD(1))', 'CODEC(ZSTD(1))')),
    },
    metrics: {
      chosen,
      'values without Gorilla': variant(changed('metrics_v3', 'CODEC(Gorilla, ZSTD(1))', 'CODEC(ZSTD(1))')),
      'all LZ4': variant((statements) => statements.map((sql) => sql.replace(/ CODEC\([^\n]*?\)(?=,?\n)/g, ''))),
    },
  },
  order: {
    traces: {
      chosen,
      'tenant, hour, trace': variant(
        changed('spans_v3', /ORDER BY \([^\n]*/, 'ORDER BY (tenant_id, toStartOfHour(timestamp), trace_id)'),
      ),
      'tenant, service, time': variant(
        changed('spans_v3', /ORDER BY \([^\n]*/, 'ORDER BY (tenant_id, service_name, timestamp)'),
      ),
      'partitions by month': variant(
        changed('spans_v3', 'PARTITION BY toDate(timestamp)', 'PARTITION BY toYYYYMM(timestamp)'),
      ),
      'partitions by tenant and day': variant(
        changed('spans_v3', 'PARTITION BY toDate(timestamp)', 'PARTITION BY (tenant_id, toDate(timestamp))'),
      ),
      'wide from 100 MiB': variant(settings('spans_v3', 'min_bytes_for_wide_part = 104857600')),
      optimize_row_order: variant(settings('spans_v3', 'optimize_row_order = 1')),
    },
  },
};
