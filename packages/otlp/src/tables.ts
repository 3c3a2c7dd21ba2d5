/** The tables that rows are written for. */
export type TableName =
  | 'resources_v3'
  | 'scopes_v3'
  | 'spans_v3'
  | 'logs_v3'
  | 'series_v3'
  | 'metrics_v3'
  | 'histograms_v3'
  | 'exemplars_v3';

export interface TableLayout {
  /** Stable small integer: the segment log stores it, so a number is never reused for another table. */
  readonly id: number;
  /** Bare column names (quote them: some contain a dot), in the order in which RowBinary rows hold them. */
  readonly columns: readonly string[];
}

/**
 * The insert column list of each table. Columns that are constant within a scope or a metric come first, so that a
 * row begins with one copy; columns of fixed width come before strings and arrays.
 */
export const TABLES: Record<TableName, TableLayout> = {
  resources_v3: {
    id: 1,
    columns: [
      'tenant_id',
      'resource_id',
      'service_name',
      'attributes',
      'attribute_types',
      'dropped_attributes_count',
      'schema_url',
      'last_seen',
    ],
  },
  scopes_v3: {
    id: 2,
    columns: [
      'tenant_id',
      'scope_id',
      'name',
      'version',
      'attributes',
      'attribute_types',
      'dropped_attributes_count',
      'schema_url',
      'last_seen',
    ],
  },
  spans_v3: {
    id: 3,
    columns: [
      'tenant_id',
      'service_name',
      'resource_id',
      'scope_id',
      'timestamp',
      'duration_ns',
      'trace_id',
      'span_id',
      'parent_span_id',
      'flags',
      'kind',
      'status_code',
      'dropped_attributes_count',
      'dropped_events_count',
      'dropped_links_count',
      'name',
      'trace_state',
      'status_message',
      'attributes',
      'attribute_types',
      'events.timestamp',
      'events.name',
      'events.attributes',
      'events.attribute_types',
      'events.dropped_attributes_count',
      'links.trace_id',
      'links.span_id',
      'links.trace_state',
      'links.flags',
      'links.attributes',
      'links.attribute_types',
      'links.dropped_attributes_count',
    ],
  },
  logs_v3: {
    id: 4,
    columns: [
      'tenant_id',
      'service_name',
      'resource_id',
      'scope_id',
      'id',
      'timestamp',
      'observed_timestamp',
      'trace_id',
      'span_id',
      'flags',
      'severity_number',
      'dropped_attributes_count',
      'severity_text',
      'event_name',
      'body',
      'body_type',
      'attributes',
      'attribute_types',
    ],
  },
  series_v3: {
    id: 5,
    columns: [
      'tenant_id',
      'service_name',
      'resource_id',
      'scope_id',
      'metric_name',
      'series_id',
      'metric_type',
      'temporality',
      'last_seen',
      'unit',
      'description',
      'metadata',
      'metadata_types',
      'attributes',
      'attribute_types',
    ],
  },
  metrics_v3: {
    id: 6,
    columns: [
      'tenant_id',
      'metric_name',
      'series_id',
      'timestamp',
      'start_timestamp',
      'value',
      'value_int',
      'value_kind',
      'flags',
    ],
  },
  histograms_v3: {
    id: 7,
    columns: [
      'tenant_id',
      'metric_name',
      'series_id',
      'timestamp',
      'start_timestamp',
      'kind',
      'count',
      'sum',
      'min',
      'max',
      'flags',
      'scale',
      'zero_count',
      'zero_threshold',
      'explicit_bounds',
      'bucket_counts',
      'positive_offset',
      'positive_bucket_counts',
      'negative_offset',
      'negative_bucket_counts',
      'quantiles',
      'quantile_values',
    ],
  },
  exemplars_v3: {
    id: 8,
    columns: [
      'tenant_id',
      'metric_name',
      'series_id',
      'timestamp',
      'value',
      'value_int',
      'value_kind',
      'trace_id',
      'span_id',
      'attributes',
      'attribute_types',
    ],
  },
};

export const TABLE_NAMES = Object.keys(TABLES) as readonly TableName[];
