-- newest traces
SELECT
  lower(hex(trace_id)) AS traceId,
  min(start_time) AS started,
  toString(toUnixTimestamp64Nano(started)) AS startNs,
  toString(toUnixTimestamp64Nano(max(end_time)) - toUnixTimestamp64Nano(started)) AS durationNs,
  sum(span_count) AS spanCount,
  sum(error_count) AS errorCount,
  max(root) AS top,
  top.is_root AS hasRoot,
  top.service_name AS rootServiceName,
  top.name AS rootSpanName,
  arraySort(groupUniqArrayArray(services)) AS allServices
FROM traces_v3
WHERE tenant_id = {tenant:UUID} AND day >= toDate(fromUnixTimestamp64Nano({p4:Int64}, 'UTC')) - 1 AND trace_id IN (
    SELECT trace_id FROM traces_v3
    WHERE tenant_id = {tenant:UUID} AND day >= toDate(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) - 1 AND start_time >= fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND start_time < fromUnixTimestamp64Nano({p3:Int64}, 'UTC')
  )
GROUP BY trace_id
HAVING started >= fromUnixTimestamp64Nano({p5:Int64}, 'UTC') AND started < fromUnixTimestamp64Nano({p6:Int64}, 'UTC')
ORDER BY started DESC, trace_id DESC
LIMIT {p7:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773100800000000000","p3":"1773104400000000000","p4":"1773100800000000000","p5":"1773100800000000000","p6":"1773104400000000000","p7":51}

-- traces by a filter, next page
SELECT
  lower(hex(trace_id)) AS traceId,
  min(start_time) AS started,
  toString(toUnixTimestamp64Nano(started)) AS startNs,
  toString(toUnixTimestamp64Nano(max(end_time)) - toUnixTimestamp64Nano(started)) AS durationNs,
  sum(span_count) AS spanCount,
  sum(error_count) AS errorCount,
  max(root) AS top,
  top.is_root AS hasRoot,
  top.service_name AS rootServiceName,
  top.name AS rootSpanName,
  arraySort(groupUniqArrayArray(services)) AS allServices
FROM traces_v3
WHERE tenant_id = {tenant:UUID} AND day >= toDate(fromUnixTimestamp64Nano({p19:Int64}, 'UTC')) - 1 AND trace_id IN (
    SELECT trace_id FROM spans_v3
    WHERE tenant_id = {tenant:UUID} AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
      AND (service_name = {p3:String} AND (attributes[{p4:String}] LIKE {p5:String} OR (NOT (attributes[{p8:String}] != '' OR has(empty_attributes, {p8:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p6:String}] LIKE {p7:String}))) AND (toFloat64OrDefault(attributes[{p9:String}], nan) >= {p10:Float64} OR (NOT (attributes[{p13:String}] != '' OR has(empty_attributes, {p13:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p11:String}], nan) >= {p12:Float64}))) AND NOT (has({p14:Array(UInt8)}, status_code)) AND ((lower(name) LIKE {p15:String} OR lower(service_name) LIKE {p15:String} OR lower(status_message) LIKE {p15:String}) OR arrayExists(v -> lower(v) LIKE {p16:String}, mapValues(attributes))))
  )
GROUP BY trace_id
HAVING started >= fromUnixTimestamp64Nano({p20:Int64}, 'UTC') AND started < fromUnixTimestamp64Nano({p21:Int64}, 'UTC')
  AND (started, trace_id) < (fromUnixTimestamp64Nano({p17:Int64}, 'UTC'), unhex({p18:String}))
ORDER BY started DESC, trace_id DESC
LIMIT {p22:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773108000000000000","p3":"checkout","p4":"http.route","p5":"/api/%","p6":"http.route","p7":"/api/%","p8":"http.route","p9":"http.response.status_code","p10":500,"p11":"http.response.status_code","p12":500,"p13":"http.response.status_code","p14":[1],"p15":"%card declined%","p16":"%card declined%","p17":"1773104399999999999","p18":"abababababababababababababababab","p19":"1773100800000000000","p20":"1773100800000000000","p21":"1773104400000000000","p22":51}

-- bounds of a trace
SELECT
  toString(toUnixTimestamp64Nano(min(start_time))) AS startNs,
  toString(toUnixTimestamp64Nano(max(end_time))) AS endNs,
  sum(span_count) AS spanCount
FROM traces_v3
WHERE tenant_id = {tenant:UUID} AND trace_id = unhex({p1:String});
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"abababababababababababababababab"}

-- spans of a trace
SELECT
  if(span_id = unhex('0000000000000000'), '', lower(hex(span_id))) AS spanId,
  if(parent_span_id = unhex('0000000000000000'), '', lower(hex(parent_span_id))) AS parentSpanId,
  trace_state AS traceState, flags, name, kind, service_name AS serviceName,
  toString(toUnixTimestamp64Nano(timestamp)) AS startNs,
  toString(duration_ns) AS durationNs,
  status_code AS statusCode, status_message AS statusMessage,
  toString(resource_id) AS resourceId, toString(scope_id) AS scopeId,
  mapKeys(attributes) AS aKeys, mapValues(attributes) AS aValues, attribute_types AS aTypes,
  dropped_attributes_count AS droppedAttributesCount,
  dropped_events_count AS droppedEventsCount,
  dropped_links_count AS droppedLinksCount,
  arrayMap(t -> toString(toUnixTimestamp64Nano(t)), `events.timestamp`) AS eventTimes, `events.name` AS eventNames,
  arrayMap(m -> mapKeys(m), `events.attributes`) AS eventKeys, arrayMap(m -> mapValues(m), `events.attributes`) AS eventValues,
  `events.attribute_types` AS eventTypes, `events.dropped_attributes_count` AS eventDropped,
  arrayMap(i -> if(i = unhex('00000000000000000000000000000000'), '', lower(hex(i))), `links.trace_id`) AS linkTraceIds, arrayMap(i -> if(i = unhex('0000000000000000'), '', lower(hex(i))), `links.span_id`) AS linkSpanIds,
  `links.trace_state` AS linkStates, `links.flags` AS linkFlags,
  arrayMap(m -> mapKeys(m), `links.attributes`) AS linkKeys, arrayMap(m -> mapValues(m), `links.attributes`) AS linkValues,
  `links.attribute_types` AS linkTypes, `links.dropped_attributes_count` AS linkDropped
FROM spans_v3
WHERE tenant_id = {tenant:UUID} AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND trace_id = unhex({p3:String})
ORDER BY timestamp, span_id
LIMIT {p4:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":"abababababababababababababababab","p4":50000}

-- newest logs
SELECT
  toString(id) AS recordId,
  toString(toUnixTimestamp64Nano(timestamp)) AS timeNs,
  toString(toUnixTimestamp64Nano(observed_timestamp)) AS observedNs,
  severity_number AS severityNumber, severity_text AS severityText,
  body, body_type AS bodyType, event_name AS eventName,
  if(trace_id = unhex('00000000000000000000000000000000'), '', lower(hex(trace_id))) AS traceId,
  if(span_id = unhex('0000000000000000'), '', lower(hex(span_id))) AS spanId,
  flags, service_name AS serviceName,
  toString(resource_id) AS resourceId, toString(scope_id) AS scopeId,
  mapKeys(attributes) AS aKeys, mapValues(attributes) AS aValues, attribute_types AS aTypes,
  dropped_attributes_count AS droppedAttributesCount
FROM logs_v3
WHERE tenant_id = {tenant:UUID}
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
ORDER BY timestamp DESC, id DESC
LIMIT {p3:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":101}

-- logs by a filter, next page
SELECT
  toString(id) AS recordId,
  toString(toUnixTimestamp64Nano(timestamp)) AS timeNs,
  toString(toUnixTimestamp64Nano(observed_timestamp)) AS observedNs,
  severity_number AS severityNumber, severity_text AS severityText,
  body, body_type AS bodyType, event_name AS eventName,
  if(trace_id = unhex('00000000000000000000000000000000'), '', lower(hex(trace_id))) AS traceId,
  if(span_id = unhex('0000000000000000'), '', lower(hex(span_id))) AS spanId,
  flags, service_name AS serviceName,
  toString(resource_id) AS resourceId, toString(scope_id) AS scopeId,
  mapKeys(attributes) AS aKeys, mapValues(attributes) AS aValues, attribute_types AS aTypes,
  dropped_attributes_count AS droppedAttributesCount
FROM logs_v3
WHERE tenant_id = {tenant:UUID}
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND (((severity_number BETWEEN {p3:UInt8} AND {p4:UInt8}) OR (severity_number = 0 AND has({p5:Array(String)}, lower(severity_text)))) AND hasToken(lower(body), {p6:String}) AND (resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p7:String}] = {p8:String}) OR resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p9:String}] = {p10:String})))
  AND (timestamp, id) > (fromUnixTimestamp64Nano({p11:Int64}, 'UTC'), {p12:UInt64})
ORDER BY timestamp ASC, id ASC
LIMIT {p13:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":13,"p4":255,"p5":["warn","warning","error","err","fatal","critical","crit","alert","emergency","panic"],"p6":"timeout","p7":"host.name","p8":"web-1","p9":"host.name","p10":"web-2","p11":"1773104399999999999","p12":"7","p13":101}

-- log volume
SELECT
  intDiv(toUnixTimestamp64Milli(timestamp), {p1:Int64}) * {p1:Int64} AS time,
  least(intDiv(severity_number + 3, 4), 6) AS class,
  count() AS records
FROM logs_v3
WHERE tenant_id = {tenant:UUID} AND timestamp >= fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p3:Int64}, 'UTC')
  AND (((severity_number BETWEEN {p4:UInt8} AND {p5:UInt8}) OR (severity_number = 0 AND has({p6:Array(String)}, lower(severity_text)))) AND hasToken(lower(body), {p7:String}) AND (resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p8:String}] = {p9:String}) OR resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p10:String}] = {p11:String})))
GROUP BY time, class;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":60000,"p2":"1773100800000000000","p3":"1773104400000000000","p4":13,"p5":255,"p6":["warn","warning","error","err","fatal","critical","crit","alert","emergency","panic"],"p7":"timeout","p8":"host.name","p9":"web-1","p10":"host.name","p11":"web-2"}

-- types of a metric
WITH selected AS (
  SELECT series_id, metric_type, temporality, unit, last_seen,
    CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, metric_type, temporality, unit, last_seen, resource_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND (attributes[{p4:String}] = {p5:String} OR (NOT (attributes[{p8:String}] != '' OR has(empty_attributes, {p8:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p6:String}] = {p7:String})))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
)
SELECT toString(metric_type) AS type, argMax(unit, last_seen) AS unit, uniqExact(labels) AS groups
FROM selected
GROUP BY metric_type ORDER BY max(last_seen) DESC;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"http.route","p5":"/cart","p6":"http.route","p7":"/cart","p8":"http.route"}

-- average of a gauge
WITH selected AS (
  SELECT series_id, metric_type, temporality, unit, last_seen,
    CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, metric_type, temporality, unit, last_seen, resource_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND (attributes[{p4:String}] = {p5:String} OR (NOT (attributes[{p8:String}] != '' OR has(empty_attributes, {p8:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p6:String}] = {p7:String})))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
),
chosen AS (
  SELECT series_id, labels, temporality FROM selected
  WHERE toString(metric_type) = {p9:String} AND labels IN (
    SELECT labels FROM selected WHERE toString(metric_type) = {p10:String}
    GROUP BY labels ORDER BY count() DESC, labels LIMIT {p11:UInt32})
)
SELECT labels, time, toFloat64(sum(total) / sum(points)) AS value
FROM (
  SELECT series_id, intDiv(toUnixTimestamp64Milli(timestamp), {p12:Int64}) * {p12:Int64} AS time,
    sum(value) AS total, count() AS points, min(value) AS lowest, max(value) AS highest,
    argMax(value, timestamp) AS latest, max(timestamp) AS latest_at
  FROM metrics_v3
  WHERE tenant_id = {tenant:UUID} AND metric_name = {p13:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p14:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p15:Int64}, 'UTC') AND value_kind != 'none'
  GROUP BY series_id, time
) AS points
INNER JOIN chosen USING (series_id)
GROUP BY labels, time ORDER BY labels, time;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"http.route","p5":"/cart","p6":"http.route","p7":"/cart","p8":"http.route","p9":"gauge","p10":"gauge","p11":100,"p12":60000,"p13":"http.server.request.duration","p14":"1773100800000000000","p15":"1773104400000000000"}

-- average of a gauge by the hour
WITH selected AS (
  SELECT series_id, metric_type, temporality, unit, last_seen,
    CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, metric_type, temporality, unit, last_seen, resource_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND (attributes[{p4:String}] = {p5:String} OR (NOT (attributes[{p8:String}] != '' OR has(empty_attributes, {p8:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p6:String}] = {p7:String})))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
),
chosen AS (
  SELECT series_id, labels, temporality FROM selected
  WHERE toString(metric_type) = {p9:String} AND labels IN (
    SELECT labels FROM selected WHERE toString(metric_type) = {p10:String}
    GROUP BY labels ORDER BY count() DESC, labels LIMIT {p11:UInt32})
)
SELECT labels, time, toFloat64(sum(total) / sum(points)) AS value
FROM (
  SELECT series_id, intDiv(toInt64(toUnixTimestamp(hour)) * 1000, {p12:Int64}) * {p12:Int64} AS time,
    sum(sum_value) AS total, sum(count) AS points, min(min_value) AS lowest, max(max_value) AS highest,
    argMaxMerge(last_value) AS latest, max(hour) AS latest_at
  FROM metrics_v3_hourly
  WHERE tenant_id = {tenant:UUID} AND metric_name = {p13:String} AND series_id IN (SELECT series_id FROM chosen)
    AND hour >= toStartOfHour(fromUnixTimestamp64Nano({p14:Int64}, 'UTC')) AND hour <= toStartOfHour(fromUnixTimestamp64Nano({p15:Int64}, 'UTC'))
  GROUP BY series_id, time
) AS points
INNER JOIN chosen USING (series_id)
GROUP BY labels, time ORDER BY labels, time;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"http.route","p5":"/cart","p6":"http.route","p7":"/cart","p8":"http.route","p9":"gauge","p10":"gauge","p11":100,"p12":3600000,"p13":"http.server.request.duration","p14":"1773100800000000000","p15":"1773104399999999999"}

-- average of a gauge by the day
WITH selected AS (
  SELECT series_id, metric_type, temporality, unit, last_seen,
    CAST([], 'Array(String)') AS labels
  FROM (
    SELECT series_id, metric_type, temporality, unit, last_seen, resource_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p1:String}
      AND (attributes[{p2:String}] = {p3:String} OR (NOT (attributes[{p6:String}] != '' OR has(empty_attributes, {p6:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p4:String}] = {p5:String})))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
),
chosen AS (
  SELECT series_id, labels, temporality FROM selected
  WHERE toString(metric_type) = {p7:String} AND labels IN (
    SELECT labels FROM selected WHERE toString(metric_type) = {p8:String}
    GROUP BY labels ORDER BY count() DESC, labels LIMIT {p9:UInt32})
)
SELECT labels, time, toFloat64(sum(total) / sum(points)) AS value
FROM (
  SELECT series_id, intDiv(toInt64(toUnixTimestamp(toDateTime(day, 'UTC'))) * 1000, {p10:Int64}) * {p10:Int64} AS time,
    sum(sum_value) AS total, sum(count) AS points, min(min_value) AS lowest, max(max_value) AS highest,
    argMaxMerge(last_value) AS latest, max(day) AS latest_at
  FROM metrics_v3_daily
  WHERE tenant_id = {tenant:UUID} AND metric_name = {p11:String} AND series_id IN (SELECT series_id FROM chosen)
    AND day >= toDate(fromUnixTimestamp64Nano({p12:Int64}, 'UTC')) AND day <= toDate(fromUnixTimestamp64Nano({p13:Int64}, 'UTC'))
  GROUP BY series_id, time
) AS points
INNER JOIN chosen USING (series_id)
GROUP BY labels, time ORDER BY labels, time;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.server.request.duration","p2":"http.route","p3":"/cart","p4":"http.route","p5":"/cart","p6":"http.route","p7":"gauge","p8":"gauge","p9":100,"p10":86400000,"p11":"http.server.request.duration","p12":"1773100800000000000","p13":"1773104399999999999"}

-- rate of a counter
WITH selected AS (
  SELECT series_id, metric_type, temporality, unit, last_seen,
    CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, metric_type, temporality, unit, last_seen, resource_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND (attributes[{p4:String}] = {p5:String} OR (NOT (attributes[{p8:String}] != '' OR has(empty_attributes, {p8:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p6:String}] = {p7:String})))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
),
chosen AS (
  SELECT series_id, labels, temporality FROM selected
  WHERE toString(metric_type) = {p9:String} AND labels IN (
    SELECT labels FROM selected WHERE toString(metric_type) = {p10:String}
    GROUP BY labels ORDER BY count() DESC, labels LIMIT {p11:UInt32})
)
SELECT labels, time, sum(multiIf(
    temporality = 'delta', value,
    isNull(previous), if(start_timestamp >= fromUnixTimestamp64Nano({p12:Int64}, 'UTC'), value, 0),
    (value < previous OR start_timestamp >= previous_at), value,
    value - assumeNotNull(previous))) AS value
FROM (
  SELECT series_id, timestamp, start_timestamp, value, intDiv(toUnixTimestamp64Milli(timestamp), {p13:Int64}) * {p13:Int64} AS time,
    lagInFrame(toNullable(value)) OVER series AS previous,
    lagInFrame(timestamp) OVER series AS previous_at
  FROM metrics_v3
  WHERE tenant_id = {tenant:UUID} AND metric_name = {p14:String} AND series_id IN (SELECT series_id FROM chosen)
    AND timestamp >= fromUnixTimestamp64Nano({p15:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p16:Int64}, 'UTC')
    AND value_kind != 'none'
  WINDOW series AS (PARTITION BY series_id ORDER BY timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
) AS points
INNER JOIN chosen USING (series_id)
WHERE timestamp >= fromUnixTimestamp64Nano({p12:Int64}, 'UTC')
GROUP BY labels, time ORDER BY labels, time;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"http.route","p5":"/cart","p6":"http.route","p7":"/cart","p8":"http.route","p9":"counter","p10":"counter","p11":100,"p12":"1773100800000000000","p13":60000,"p14":"http.server.request.duration","p15":"1773100200000000000","p16":"1773104400000000000"}

-- percentile of a gauge
WITH selected AS (
  SELECT series_id, metric_type, temporality, unit, last_seen,
    CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, metric_type, temporality, unit, last_seen, resource_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND (attributes[{p4:String}] = {p5:String} OR (NOT (attributes[{p8:String}] != '' OR has(empty_attributes, {p8:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p6:String}] = {p7:String})))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
),
chosen AS (
  SELECT series_id, labels, temporality FROM selected
  WHERE toString(metric_type) = {p9:String} AND labels IN (
    SELECT labels FROM selected WHERE toString(metric_type) = {p10:String}
    GROUP BY labels ORDER BY count() DESC, labels LIMIT {p11:UInt32})
)
SELECT labels, time, quantileExactInclusive(0.95)(value) AS value
FROM (
  SELECT series_id, intDiv(toUnixTimestamp64Milli(timestamp), {p12:Int64}) * {p12:Int64} AS time, value
  FROM metrics_v3
  WHERE tenant_id = {tenant:UUID} AND metric_name = {p13:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p14:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p15:Int64}, 'UTC') AND value_kind != 'none'
) AS points
INNER JOIN chosen USING (series_id)
GROUP BY labels, time ORDER BY labels, time;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"http.route","p5":"/cart","p6":"http.route","p7":"/cart","p8":"http.route","p9":"gauge","p10":"gauge","p11":100,"p12":60000,"p13":"http.server.request.duration","p14":"1773100800000000000","p15":"1773104400000000000"}

-- percentile of a histogram
WITH selected AS (
  SELECT series_id, metric_type, temporality, unit, last_seen,
    CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, metric_type, temporality, unit, last_seen, resource_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND (attributes[{p4:String}] = {p5:String} OR (NOT (attributes[{p8:String}] != '' OR has(empty_attributes, {p8:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p6:String}] = {p7:String})))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
),
chosen AS (
  SELECT series_id, labels, temporality FROM selected
  WHERE toString(metric_type) = {p9:String} AND labels IN (
    SELECT labels FROM selected WHERE toString(metric_type) = {p10:String}
    GROUP BY labels ORDER BY count() DESC, labels LIMIT {p11:UInt32})
)
SELECT labels, time, explicit_bounds AS bounds, sum(count) AS countNow, sumIf(previous_count, continued) AS countBefore,
  sum(sum) AS sumNow, sumIf(previous_sum, continued) AS sumBefore,
  min(min) AS lowest, max(max) AS highest,
  sumForEachIf(bucket_counts, counted) AS bucketsNow,
  sumForEachIf(previous_buckets, continued) AS bucketsBefore
FROM (
  SELECT *, temporality != 'delta' AND follows AND count >= previous_count AND start_timestamp < previous_at
      AND explicit_bounds = previous_bounds AS continued,
    timestamp >= fromUnixTimestamp64Nano({p12:Int64}, 'UTC') AND (temporality = 'delta' OR follows OR start_timestamp >= fromUnixTimestamp64Nano({p12:Int64}, 'UTC')) AS counted
  FROM (
    SELECT series_id, intDiv(toUnixTimestamp64Milli(timestamp), {p13:Int64}) * {p13:Int64} AS time, timestamp, start_timestamp,
      count, sum, min, max,
      row_number() OVER (PARTITION BY series_id ORDER BY timestamp) > 1 AS follows,
      lagInFrame(timestamp) OVER series AS previous_at,
      lagInFrame(count) OVER series AS previous_count,
      lagInFrame(sum) OVER series AS previous_sum, explicit_bounds, bucket_counts,
      lagInFrame(explicit_bounds) OVER series AS previous_bounds,
      lagInFrame(bucket_counts) OVER series AS previous_buckets
    FROM histograms_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p14:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p15:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p16:Int64}, 'UTC') AND bitAnd(flags, 1) = 0
    WINDOW series AS (PARTITION BY series_id ORDER BY timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  ) AS points
  INNER JOIN chosen USING (series_id)
)
WHERE counted
GROUP BY labels, time, bounds ORDER BY labels, time, bounds;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"http.route","p5":"/cart","p6":"http.route","p7":"/cart","p8":"http.route","p9":"histogram","p10":"histogram","p11":100,"p12":"1773100800000000000","p13":60000,"p14":"http.server.request.duration","p15":"1773100200000000000","p16":"1773104400000000000"}

-- percentile of an exponential histogram
WITH selected AS (
  SELECT series_id, metric_type, temporality, unit, last_seen,
    CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, metric_type, temporality, unit, last_seen, resource_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND (attributes[{p4:String}] = {p5:String} OR (NOT (attributes[{p8:String}] != '' OR has(empty_attributes, {p8:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p6:String}] = {p7:String})))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
),
chosen AS (
  SELECT series_id, labels, temporality FROM selected
  WHERE toString(metric_type) = {p9:String} AND labels IN (
    SELECT labels FROM selected WHERE toString(metric_type) = {p10:String}
    GROUP BY labels ORDER BY count() DESC, labels LIMIT {p11:UInt32})
),
(SELECT min(scale) FROM histograms_v3
  WHERE tenant_id = {tenant:UUID} AND metric_name = {p12:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p13:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p14:Int64}, 'UTC')) AS coarsest
SELECT labels, time, coarsest AS scale, sum(count) AS countNow, sumIf(previous_count, continued) AS countBefore,
  sum(sum) AS sumNow, sumIf(previous_sum, continued) AS sumBefore,
  min(min) AS lowest, max(max) AS highest,
  sumIf(zero_count, counted) AS zeroNow, sumIf(previous_zero, continued) AS zeroBefore,
  max(zero_threshold) AS zeroThreshold,
  sumMapIf(positive_keys, positive_bucket_counts, counted) AS positiveNow,
  sumMapIf(previous_positive_keys, previous_positive, continued) AS positiveBefore,
  sumMapIf(negative_keys, negative_bucket_counts, counted) AS negativeNow,
  sumMapIf(previous_negative_keys, previous_negative, continued) AS negativeBefore
FROM (
  SELECT *, temporality != 'delta' AND follows AND count >= previous_count AND start_timestamp < previous_at
      AND 1 AS continued,
    timestamp >= fromUnixTimestamp64Nano({p15:Int64}, 'UTC') AND (temporality = 'delta' OR follows OR start_timestamp >= fromUnixTimestamp64Nano({p15:Int64}, 'UTC')) AS counted
  FROM (
    SELECT series_id, intDiv(toUnixTimestamp64Milli(timestamp), {p16:Int64}) * {p16:Int64} AS time, timestamp, start_timestamp,
      count, sum, min, max,
      row_number() OVER (PARTITION BY series_id ORDER BY timestamp) > 1 AS follows,
      lagInFrame(timestamp) OVER series AS previous_at,
      lagInFrame(count) OVER series AS previous_count,
      lagInFrame(sum) OVER series AS previous_sum, zero_count, zero_threshold,
      positive_bucket_counts, negative_bucket_counts,
      arrayMap(i -> toInt32(floor((positive_offset + i - 1) / exp2(scale - coarsest))), arrayEnumerate(positive_bucket_counts)) AS positive_keys, arrayMap(i -> toInt32(floor((negative_offset + i - 1) / exp2(scale - coarsest))), arrayEnumerate(negative_bucket_counts)) AS negative_keys,
      lagInFrame(zero_count) OVER series AS previous_zero,
      lagInFrame(positive_bucket_counts) OVER series AS previous_positive,
      lagInFrame(negative_bucket_counts) OVER series AS previous_negative,
      lagInFrame(positive_keys) OVER series AS previous_positive_keys,
      lagInFrame(negative_keys) OVER series AS previous_negative_keys
    FROM histograms_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p17:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p18:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p19:Int64}, 'UTC') AND bitAnd(flags, 1) = 0
    WINDOW series AS (PARTITION BY series_id ORDER BY timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  ) AS points
  INNER JOIN chosen USING (series_id)
)
WHERE counted
GROUP BY labels, time ORDER BY labels, time;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"http.route","p5":"/cart","p6":"http.route","p7":"/cart","p8":"http.route","p9":"exponential_histogram","p10":"exponential_histogram","p11":100,"p12":"http.server.request.duration","p13":"1773100200000000000","p14":"1773104400000000000","p15":"1773100800000000000","p16":60000,"p17":"http.server.request.duration","p18":"1773100200000000000","p19":"1773104400000000000"}
