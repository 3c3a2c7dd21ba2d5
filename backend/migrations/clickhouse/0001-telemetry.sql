-- The telemetry tables. One file runs on the embedded engine and on a cluster: two placeholders, on_cluster and
-- engine:X, are filled in by the migrator (nothing and X on one node, ON CLUSTER and ReplicatedX on a cluster).
--
-- Attributes are kept as one Map(String, String) with the values' text, and beside it a String with one type letter per
-- map entry, in the map's order: s string, i int, d double, b bool, j JSON (array or kvlist), y bytes (base64), e empty.
-- empty_attributes names the keys whose text is empty, so that a filter tells them from missing ones without reading the
-- whole map. A resource and an instrumentation scope are stored once; rows carry their fingerprints.
--
-- Rows expire 90 days after they came in, not after the time they tell of: what was acknowledged and is old already (a
-- backfill, a buffer that was offline) must not vanish at the next merge.

CREATE TABLE IF NOT EXISTS resources_v3 {{on_cluster}}
(
    tenant_id                UUID,
    resource_id              UInt64,
    service_name             LowCardinality(String),
    attributes               Map(LowCardinality(String), String),
    attribute_types          String,
    dropped_attributes_count UInt32,
    schema_url               String,
    last_seen                DateTime,
    empty_attributes         Array(LowCardinality(String)) MATERIALIZED mapKeys(mapFilter((k, v) -> v = '', attributes))
)
ENGINE = {{engine:ReplacingMergeTree(last_seen)}}
ORDER BY (tenant_id, resource_id)
TTL last_seen + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS scopes_v3 {{on_cluster}}
(
    tenant_id                UUID,
    scope_id                 UInt64,
    name                     LowCardinality(String),
    version                  LowCardinality(String),
    attributes               Map(LowCardinality(String), String),
    attribute_types          String,
    dropped_attributes_count UInt32,
    schema_url               String,
    last_seen                DateTime
)
ENGINE = {{engine:ReplacingMergeTree(last_seen)}}
ORDER BY (tenant_id, scope_id)
TTL last_seen + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS spans_v3 {{on_cluster}}
(
    tenant_id                        UUID CODEC(ZSTD(1)),
    timestamp                        DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    duration_ns                      UInt64 CODEC(T64, ZSTD(1)),
    trace_id                         FixedString(16) CODEC(ZSTD(1)),
    span_id                          FixedString(8) CODEC(NONE),
    parent_span_id                   FixedString(8) CODEC(ZSTD(1)),
    trace_state                      String CODEC(ZSTD(1)),
    flags                            UInt32 CODEC(ZSTD(1)),
    name                             LowCardinality(String),
    kind                             UInt8 CODEC(ZSTD(1)),
    service_name                     LowCardinality(String),
    resource_id                      UInt64 CODEC(ZSTD(1)),
    scope_id                         UInt64 CODEC(ZSTD(1)),
    status_code                      UInt8 CODEC(ZSTD(1)),
    status_message                   String CODEC(ZSTD(1)),
    attributes                       Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    attribute_types                  String CODEC(ZSTD(1)),
    dropped_attributes_count         UInt32 CODEC(ZSTD(1)),
    dropped_events_count             UInt32 CODEC(ZSTD(1)),
    dropped_links_count              UInt32 CODEC(ZSTD(1)),
    `events.timestamp`               Array(DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    `events.name`                    Array(LowCardinality(String)) CODEC(ZSTD(1)),
    `events.attributes`              Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `events.attribute_types`         Array(String) CODEC(ZSTD(1)),
    `events.dropped_attributes_count` Array(UInt32) CODEC(ZSTD(1)),
    `links.trace_id`                 Array(FixedString(16)) CODEC(ZSTD(1)),
    `links.span_id`                  Array(FixedString(8)) CODEC(ZSTD(1)),
    `links.trace_state`              Array(String) CODEC(ZSTD(1)),
    `links.flags`                    Array(UInt32) CODEC(ZSTD(1)),
    `links.attributes`               Array(Map(LowCardinality(String), String)) CODEC(ZSTD(1)),
    `links.attribute_types`          Array(String) CODEC(ZSTD(1)),
    `links.dropped_attributes_count` Array(UInt32) CODEC(ZSTD(1)),
    empty_attributes         Array(LowCardinality(String)) MATERIALIZED mapKeys(mapFilter((k, v) -> v = '', attributes)) CODEC(ZSTD(1)),
    ingested_at DateTime DEFAULT now() CODEC(Delta, ZSTD(1)),
    INDEX idx_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_attribute_keys mapKeys(attributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_attribute_values mapValues(attributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_duration duration_ns TYPE minmax GRANULARITY 1
)
ENGINE = {{engine:MergeTree}}
PARTITION BY toDate(timestamp)
ORDER BY (tenant_id, toStartOfHour(timestamp), service_name, timestamp)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000,
    -- Merged parts keep the map in buckets by key, about one for two keys, so that a filter reads one of them.
    map_serialization_version = 'with_buckets', map_serialization_version_for_zero_level_parts = 'basic',
    map_buckets_strategy = 'linear', map_buckets_coefficient = 0.5, map_buckets_min_avg_size = 0, max_buckets_in_map = 16;

CREATE TABLE IF NOT EXISTS traces_v3 {{on_cluster}}
(
    tenant_id     UUID CODEC(ZSTD(1)),
    trace_id      FixedString(16) CODEC(NONE),
    day           Date CODEC(ZSTD(1)),
    start_time    SimpleAggregateFunction(min, DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    end_time      SimpleAggregateFunction(max, DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    span_count    SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    error_count   SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
    root          SimpleAggregateFunction(max, Tuple(is_root UInt8, duration_ns UInt64, service_name String, name String)) CODEC(ZSTD(1)),
    services      SimpleAggregateFunction(groupUniqArrayArray, Array(String)) CODEC(ZSTD(1)),
    ingested_at   SimpleAggregateFunction(max, DateTime) CODEC(ZSTD(1)),
    INDEX idx_start start_time TYPE minmax GRANULARITY 1
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY day
ORDER BY (tenant_id, trace_id)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS traces_v3_mv {{on_cluster}} TO traces_v3 AS
SELECT
    tenant_id,
    trace_id,
    toDate(timestamp) AS day,
    min(timestamp) AS start_time,
    max(timestamp + toIntervalNanosecond(duration_ns)) AS end_time,
    toUInt64(count()) AS span_count,
    toUInt64(countIf(status_code = 2)) AS error_count,
    max(tuple(toUInt8(parent_span_id = unhex('0000000000000000')), duration_ns, toString(service_name), toString(name))) AS root,
    groupUniqArray(toString(service_name)) AS services,
    max(ingested_at) AS ingested_at
FROM spans_v3
GROUP BY tenant_id, trace_id, day;

CREATE TABLE IF NOT EXISTS logs_v3 {{on_cluster}}
(
    tenant_id                UUID CODEC(ZSTD(1)),
    id                       UInt64 CODEC(Delta, ZSTD(1)),
    timestamp                DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    observed_timestamp       DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    trace_id                 FixedString(16) CODEC(ZSTD(1)),
    span_id                  FixedString(8) CODEC(ZSTD(1)),
    flags                    UInt32 CODEC(ZSTD(1)),
    severity_number          UInt8 CODEC(ZSTD(1)),
    severity_text            LowCardinality(String),
    event_name               LowCardinality(String),
    service_name             LowCardinality(String),
    resource_id              UInt64 CODEC(ZSTD(1)),
    scope_id                 UInt64 CODEC(ZSTD(1)),
    body                     String CODEC(ZSTD(1)),
    body_type                FixedString(1) CODEC(ZSTD(1)),
    attributes               Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    attribute_types          String CODEC(ZSTD(1)),
    dropped_attributes_count UInt32 CODEC(ZSTD(1)),
    empty_attributes         Array(LowCardinality(String)) MATERIALIZED mapKeys(mapFilter((k, v) -> v = '', attributes)) CODEC(ZSTD(1)),
    ingested_at DateTime DEFAULT now() CODEC(Delta, ZSTD(1)),
    INDEX idx_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_attribute_keys mapKeys(attributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_attribute_values mapValues(attributes) TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_severity severity_number TYPE minmax GRANULARITY 1,
    INDEX idx_body lower(body) TYPE tokenbf_v1(32768, 3, 0) GRANULARITY 1
)
ENGINE = {{engine:MergeTree}}
PARTITION BY toDate(timestamp)
ORDER BY (tenant_id, toStartOfHour(timestamp), service_name, timestamp)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000,
    -- Merged parts keep the map in buckets by key, about one for two keys, so that a filter reads one of them.
    map_serialization_version = 'with_buckets', map_serialization_version_for_zero_level_parts = 'basic',
    map_buckets_strategy = 'linear', map_buckets_coefficient = 0.5, map_buckets_min_avg_size = 0, max_buckets_in_map = 16;

-- Logs of one trace: bounds and place of each correlated record, ordered by trace.
CREATE TABLE IF NOT EXISTS logs_v3_by_trace {{on_cluster}}
(
    tenant_id       UUID CODEC(ZSTD(1)),
    trace_id        FixedString(16) CODEC(ZSTD(1)),
    timestamp       DateTime64(9, 'UTC') CODEC(ZSTD(1)),
    id              UInt64 CODEC(ZSTD(1)),
    span_id         FixedString(8) CODEC(NONE),
    service_name    LowCardinality(String),
    severity_number UInt8 CODEC(ZSTD(1)),
    ingested_at DateTime DEFAULT now() CODEC(Delta, ZSTD(1))
)
ENGINE = {{engine:MergeTree}}
PARTITION BY toDate(timestamp)
ORDER BY (tenant_id, trace_id, timestamp)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS logs_v3_by_trace_mv {{on_cluster}} TO logs_v3_by_trace AS
SELECT tenant_id, trace_id, timestamp, id, span_id, service_name, severity_number, ingested_at
FROM logs_v3
WHERE trace_id != unhex('00000000000000000000000000000000');

-- One row per series: what a data point's identity means.
CREATE TABLE IF NOT EXISTS series_v3 {{on_cluster}}
(
    tenant_id       UUID,
    series_id       UInt64,
    metric_name     LowCardinality(String),
    metric_type     Enum8('gauge' = 1, 'counter' = 2, 'histogram' = 3, 'summary' = 4, 'up_down_counter' = 5, 'exponential_histogram' = 6),
    temporality     Enum8('unspecified' = 0, 'delta' = 1, 'cumulative' = 2),
    unit            LowCardinality(String),
    description     String,
    metadata        Map(LowCardinality(String), String),
    metadata_types  String,
    service_name    LowCardinality(String),
    resource_id     UInt64,
    scope_id        UInt64,
    attributes      Map(LowCardinality(String), String),
    attribute_types String,
    last_seen       DateTime,
    empty_attributes Array(LowCardinality(String)) MATERIALIZED mapKeys(mapFilter((k, v) -> v = '', attributes))
)
ENGINE = {{engine:ReplacingMergeTree(last_seen)}}
ORDER BY (tenant_id, metric_name, series_id)
TTL last_seen + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000;

-- Number points: gauges and sums. An int keeps its exact bits in value_int; value is always its double.
CREATE TABLE IF NOT EXISTS metrics_v3 {{on_cluster}}
(
    tenant_id       UUID CODEC(ZSTD(1)),
    metric_name     LowCardinality(String),
    series_id       UInt64 CODEC(ZSTD(1)),
    timestamp       DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    start_timestamp DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    value           Float64 CODEC(Gorilla, ZSTD(1)),
    value_int       Int64 CODEC(Delta, ZSTD(1)),
    value_kind      Enum8('double' = 0, 'int' = 1, 'none' = 2) CODEC(ZSTD(1)),
    flags           UInt32 CODEC(ZSTD(1)),
    ingested_at DateTime DEFAULT now() CODEC(Delta, ZSTD(1))
)
ENGINE = {{engine:MergeTree}}
PARTITION BY toDate(timestamp)
ORDER BY (tenant_id, metric_name, series_id, timestamp)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

-- Histogram, exponential-histogram and summary points.
CREATE TABLE IF NOT EXISTS histograms_v3 {{on_cluster}}
(
    tenant_id              UUID CODEC(ZSTD(1)),
    metric_name            LowCardinality(String),
    series_id              UInt64 CODEC(ZSTD(1)),
    timestamp              DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    start_timestamp        DateTime64(9, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    kind                   Enum8('histogram' = 3, 'summary' = 4, 'exponential_histogram' = 6) CODEC(ZSTD(1)),
    count                  UInt64 CODEC(ZSTD(1)),
    sum                    Nullable(Float64) CODEC(ZSTD(1)),
    min                    Nullable(Float64) CODEC(ZSTD(1)),
    max                    Nullable(Float64) CODEC(ZSTD(1)),
    explicit_bounds        Array(Float64) CODEC(ZSTD(1)),
    bucket_counts          Array(UInt64) CODEC(ZSTD(1)),
    scale                  Int32 CODEC(ZSTD(1)),
    zero_count             UInt64 CODEC(ZSTD(1)),
    zero_threshold         Float64 CODEC(ZSTD(1)),
    positive_offset        Int32 CODEC(ZSTD(1)),
    positive_bucket_counts Array(UInt64) CODEC(ZSTD(1)),
    negative_offset        Int32 CODEC(ZSTD(1)),
    negative_bucket_counts Array(UInt64) CODEC(ZSTD(1)),
    quantiles              Array(Float64) CODEC(ZSTD(1)),
    quantile_values        Array(Float64) CODEC(ZSTD(1)),
    flags                  UInt32 CODEC(ZSTD(1)),
    ingested_at DateTime DEFAULT now() CODEC(Delta, ZSTD(1))
)
ENGINE = {{engine:MergeTree}}
PARTITION BY toDate(timestamp)
ORDER BY (tenant_id, metric_name, series_id, timestamp)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

CREATE TABLE IF NOT EXISTS exemplars_v3 {{on_cluster}}
(
    tenant_id       UUID CODEC(ZSTD(1)),
    metric_name     LowCardinality(String),
    series_id       UInt64 CODEC(ZSTD(1)),
    timestamp       DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    value           Float64 CODEC(ZSTD(1)),
    value_int       Int64 CODEC(ZSTD(1)),
    value_kind      Enum8('double' = 0, 'int' = 1, 'none' = 2) CODEC(ZSTD(1)),
    trace_id        FixedString(16) CODEC(ZSTD(1)),
    span_id         FixedString(8) CODEC(ZSTD(1)),
    attributes      Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    attribute_types String CODEC(ZSTD(1)),
    ingested_at DateTime DEFAULT now() CODEC(Delta, ZSTD(1)),
    INDEX idx_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {{engine:MergeTree}}
PARTITION BY toDate(timestamp)
ORDER BY (tenant_id, metric_name, timestamp)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 10000;

-- Rollups of number points. An average is sum_value / count, so merging stays exact.
CREATE TABLE IF NOT EXISTS metrics_v3_hourly {{on_cluster}}
(
    tenant_id   UUID,
    metric_name LowCardinality(String),
    series_id   UInt64,
    hour        DateTime('UTC'),
    sum_value   SimpleAggregateFunction(sum, Float64),
    min_value   SimpleAggregateFunction(min, Float64),
    max_value   SimpleAggregateFunction(max, Float64),
    count       SimpleAggregateFunction(sum, UInt64),
    last_value  AggregateFunction(argMax, Float64, DateTime64(9, 'UTC')),
    ingested_at SimpleAggregateFunction(max, DateTime)
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(hour)
ORDER BY (tenant_id, metric_name, series_id, hour)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS metrics_v3_hourly_mv {{on_cluster}} TO metrics_v3_hourly AS
SELECT
    tenant_id, metric_name, series_id,
    toStartOfHour(toDateTime(timestamp, 'UTC')) AS hour,
    sum(value) AS sum_value, min(value) AS min_value, max(value) AS max_value, toUInt64(count()) AS count,
    argMaxState(value, timestamp) AS last_value,
    max(metrics_v3.ingested_at) AS ingested_at
FROM metrics_v3
WHERE value_kind != 'none'
GROUP BY tenant_id, metric_name, series_id, hour;

CREATE TABLE IF NOT EXISTS metrics_v3_daily {{on_cluster}}
(
    tenant_id   UUID,
    metric_name LowCardinality(String),
    series_id   UInt64,
    day         Date,
    sum_value   SimpleAggregateFunction(sum, Float64),
    min_value   SimpleAggregateFunction(min, Float64),
    max_value   SimpleAggregateFunction(max, Float64),
    count       SimpleAggregateFunction(sum, UInt64),
    last_value  AggregateFunction(argMax, Float64, DateTime64(9, 'UTC')),
    ingested_at SimpleAggregateFunction(max, DateTime)
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (tenant_id, metric_name, series_id, day)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW IF NOT EXISTS metrics_v3_daily_mv {{on_cluster}} TO metrics_v3_daily AS
SELECT
    tenant_id, metric_name, series_id,
    toDate(timestamp, 'UTC') AS day,
    sum(value) AS sum_value, min(value) AS min_value, max(value) AS max_value, toUInt64(count()) AS count,
    argMaxState(value, timestamp) AS last_value,
    max(metrics_v3.ingested_at) AS ingested_at
FROM metrics_v3
WHERE value_kind != 'none'
GROUP BY tenant_id, metric_name, series_id, day;

-- Attribute keys of spans and logs by day of arrival, and for each the values that come again: what a filter can be completed with.
-- A row with an empty value counts the key. Keys are counted over all rows; values are those of up to 16 rows of each set
-- of keys in an insert, at most 128 bytes long, without what looks like an id and none of a key whose values hardly repeat.
-- (Series and resources are kept once each, so that theirs are read from those tables.) Two tables feed it: its window of deduplication is that many times larger.
CREATE TABLE IF NOT EXISTS attribute_values_v3 {{on_cluster}}
(
    tenant_id UUID,
    signal    Enum8('spans' = 1, 'logs' = 2),
    key       String,
    value     String,
    type      FixedString(1),
    day       Date,
    seen      SimpleAggregateFunction(sum, UInt64)
)
ENGINE = {{engine:AggregatingMergeTree}}
PARTITION BY toYYYYMM(day)
ORDER BY (tenant_id, signal, key, value, type, day)
TTL day + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS attribute_values_v3_spans_mv {{on_cluster}} TO attribute_values_v3 AS
SELECT tenant_id, 'spans' AS signal, toString(keys[i]) AS key, value, toFixedString(substring(types, i, 1), 1) AS type, day,
    sum(if(value = '', rows, toUInt64(round(rows * countEqual(sampled, value) / length(sampled))))) AS seen
FROM
(
    SELECT tenant_id, day, keys, types, rows, i, arrayMap(row -> row[i], samples) AS sampled,
        arrayDistinct(arrayFilter(v -> length(v) BETWEEN 1 AND 128 AND NOT match(v, '[0-9a-fA-F-]{12}'), sampled)) AS known,
        arrayPushFront(if(length(known) > 3 AND 2 * length(known) > length(sampled), [], known), '') AS options
    FROM
    (
        SELECT tenant_id, toDate(ingested_at) AS day, any(mapKeys(attributes)) AS keys, attribute_types AS types,
            count() AS rows, groupArraySample(16, 1)(mapValues(attributes)) AS samples
        FROM spans_v3
        GROUP BY tenant_id, day, cityHash64(mapKeys(attributes)), types
        LIMIT 500 BY tenant_id
    )
    ARRAY JOIN arrayEnumerate(keys) AS i
    WHERE length(keys[i]) BETWEEN 1 AND 128
)
ARRAY JOIN options AS value
GROUP BY tenant_id, key, value, type, day;

CREATE MATERIALIZED VIEW IF NOT EXISTS attribute_values_v3_logs_mv {{on_cluster}} TO attribute_values_v3 AS
SELECT tenant_id, 'logs' AS signal, toString(keys[i]) AS key, value, toFixedString(substring(types, i, 1), 1) AS type, day,
    sum(if(value = '', rows, toUInt64(round(rows * countEqual(sampled, value) / length(sampled))))) AS seen
FROM
(
    SELECT tenant_id, day, keys, types, rows, i, arrayMap(row -> row[i], samples) AS sampled,
        arrayDistinct(arrayFilter(v -> length(v) BETWEEN 1 AND 128 AND NOT match(v, '[0-9a-fA-F-]{12}'), sampled)) AS known,
        arrayPushFront(if(length(known) > 3 AND 2 * length(known) > length(sampled), [], known), '') AS options
    FROM
    (
        SELECT tenant_id, toDate(ingested_at) AS day, any(mapKeys(attributes)) AS keys, attribute_types AS types,
            count() AS rows, groupArraySample(16, 1)(mapValues(attributes)) AS samples
        FROM logs_v3
        GROUP BY tenant_id, day, cityHash64(mapKeys(attributes)), types
        LIMIT 500 BY tenant_id
    )
    ARRAY JOIN arrayEnumerate(keys) AS i
    WHERE length(keys[i]) BETWEEN 1 AND 128
)
ARRAY JOIN options AS value
GROUP BY tenant_id, key, value, type, day;

-- Which services sent spans and logs, by hour of the records.
CREATE TABLE IF NOT EXISTS services_v3 {{on_cluster}}
(
    tenant_id    UUID,
    service_name LowCardinality(String),
    signal       Enum8('spans' = 1, 'logs' = 2),
    hour         DateTime('UTC'),
    records      SimpleAggregateFunction(sum, UInt64),
    errors       SimpleAggregateFunction(sum, UInt64),
    first_seen   SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    last_seen    SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    ingested_at  SimpleAggregateFunction(max, DateTime)
)
ENGINE = {{engine:AggregatingMergeTree}}
ORDER BY (tenant_id, signal, hour, service_name)
TTL ingested_at + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 20000;

CREATE MATERIALIZED VIEW IF NOT EXISTS services_v3_spans_mv {{on_cluster}} TO services_v3 AS
SELECT tenant_id, service_name, 'spans' AS signal, toStartOfHour(toDateTime(timestamp, 'UTC')) AS hour,
    count() AS records, countIf(status_code = 2) AS errors,
    min(timestamp) AS first_seen, max(timestamp) AS last_seen, max(spans_v3.ingested_at) AS ingested_at
FROM spans_v3
GROUP BY tenant_id, service_name, hour;

CREATE MATERIALIZED VIEW IF NOT EXISTS services_v3_logs_mv {{on_cluster}} TO services_v3 AS
SELECT tenant_id, service_name, 'logs' AS signal, toStartOfHour(toDateTime(timestamp, 'UTC')) AS hour,
    count() AS records, countIf(severity_number >= 17) AS errors,
    min(timestamp) AS first_seen, max(timestamp) AS last_seen, max(logs_v3.ingested_at) AS ingested_at
FROM logs_v3
GROUP BY tenant_id, service_name, hour;
