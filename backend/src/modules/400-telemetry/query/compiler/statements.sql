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
WHERE tenant_id = {tenant:UUID} AND day >= toDate(fromUnixTimestamp64Nano({p15:Int64}, 'UTC')) - 1 AND trace_id IN (
    SELECT trace_id FROM spans_v3
    WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
      AND (service_name = {p3:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p4:String}] LIKE {p6:String}) = 0, http_route LIKE {p5:String}, (http_route LIKE {p5:String} OR (NOT (http_route != '' OR has(empty_attributes, {p4:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p4:String}] LIKE {p6:String})))) AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p7:String}], nan) >= {p9:Float64}) = 0, toFloat64OrDefault(attributes[{p7:String}], nan) >= {p8:Float64}, (toFloat64OrDefault(attributes[{p7:String}], nan) >= {p8:Float64} OR (NOT (attributes[{p7:String}] != '' OR has(empty_attributes, {p7:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p7:String}], nan) >= {p9:Float64})))) AND NOT (has({p10:Array(UInt8)}, status_code)) AND ((lower(name) LIKE {p11:String} OR lower(service_name) LIKE {p11:String} OR lower(status_message) LIKE {p11:String}) OR arrayExists(v -> lower(v) LIKE {p12:String}, mapValues(attributes))))
  )
GROUP BY trace_id
HAVING started >= fromUnixTimestamp64Nano({p16:Int64}, 'UTC') AND started < fromUnixTimestamp64Nano({p17:Int64}, 'UTC')
  AND (started, trace_id) < (fromUnixTimestamp64Nano({p13:Int64}, 'UTC'), unhex({p14:String}))
ORDER BY started DESC, trace_id DESC
LIMIT {p18:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773108000000000000","p3":"checkout","p4":"http.route","p5":"/api/%","p6":"/api/%","p7":"http.response.status_code","p8":500,"p9":500,"p10":[1],"p11":"%card declined%","p12":"%card declined%","p13":"1773104399999999999","p14":"abababababababababababababababab","p15":"1773100800000000000","p16":"1773100800000000000","p17":"1773104400000000000","p18":51}

-- attribute keys of spans and of resources
(
SELECT 'spans' AS source, key AS name, toString(topKWeighted(1, 10)(type, seen)[1]) AS type, sum(seen) AS frequency
FROM attribute_values_v3
WHERE tenant_id = {tenant:UUID} AND signal = 'spans' AND day >= toDate(fromUnixTimestamp64Milli({p1:Int64}), 'UTC') AND value = '' AND positionCaseInsensitive(key, {p2:String}) > 0
GROUP BY name ORDER BY frequency DESC, name LIMIT {p3:UInt32}
) UNION ALL (
SELECT 'resources' AS source, toString(k) AS name, toString(topK(1, 10)(substring(attribute_types, i, 1))[1]) AS type, count() AS frequency
FROM (
  SELECT attributes, attribute_types FROM resources_v3
  WHERE tenant_id = {tenant:UUID} AND last_seen >= fromUnixTimestamp64Milli({p4:Int64})
  LIMIT {p5:UInt32}
)
ARRAY JOIN mapKeys(attributes) AS k, arrayEnumerate(mapKeys(attributes)) AS i
WHERE positionCaseInsensitive(k, {p6:String}) > 0
GROUP BY name ORDER BY frequency DESC, name LIMIT {p7:UInt32}
);
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":1773100800000,"p2":"http","p3":200,"p4":1773100800000,"p5":20000,"p6":"http","p7":200}

-- attribute keys of series
SELECT 'metrics' AS source, toString(k) AS name, toString(topK(1, 10)(substring(attribute_types, i, 1))[1]) AS type, count() AS frequency
FROM (
  SELECT attributes, attribute_types FROM series_v3
  WHERE tenant_id = {tenant:UUID} AND last_seen >= fromUnixTimestamp64Milli({p1:Int64})
  LIMIT {p2:UInt32}
)
ARRAY JOIN mapKeys(attributes) AS k, arrayEnumerate(mapKeys(attributes)) AS i
WHERE 1
GROUP BY name ORDER BY frequency DESC, name LIMIT {p3:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":1773100800000,"p2":20000,"p3":200}

-- values of a key in logs and in resources
(
SELECT 'logs' AS source, value
FROM attribute_values_v3
WHERE tenant_id = {tenant:UUID} AND signal = 'logs' AND day >= toDate(fromUnixTimestamp64Milli({p2:Int64}), 'UTC') AND key = {p1:String} AND value != '' AND positionCaseInsensitive(value, {p3:String}) > 0
GROUP BY value ORDER BY sum(seen) DESC, value LIMIT {p4:UInt32}
) UNION ALL (
SELECT 'resources' AS source, value
FROM (
  SELECT attributes[{p1:String}] AS value FROM resources_v3
  WHERE tenant_id = {tenant:UUID} AND last_seen >= fromUnixTimestamp64Milli({p5:Int64})
  LIMIT {p6:UInt32}
)
WHERE length(value) BETWEEN 1 AND 128 AND positionCaseInsensitive(value, {p7:String}) > 0
GROUP BY value ORDER BY count() DESC, value LIMIT {p8:UInt32}
);
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"host.name","p2":1773100800000,"p3":"web","p4":100,"p5":1773100800000,"p6":20000,"p7":"web","p8":100}

-- size of a trace
SELECT sum(span_count) AS spanCount
FROM traces_v3
WHERE tenant_id = {tenant:UUID} AND trace_id = unhex({p1:String});
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"abababababababababababababababab"}

-- spans of a trace
WITH (
  SELECT (min(start_time), max(end_time), sum(span_count)) FROM traces_v3
  WHERE tenant_id = {tenant:UUID} AND trace_id = unhex({p1:String})
) AS trace
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
WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(trace.1)
  AND toStartOfHour(timestamp) <= toStartOfHour(trace.2) AND timestamp >= trace.1 AND timestamp <= trace.2
  AND trace_id = unhex({p1:String})
ORDER BY timestamp, span_id
LIMIT {p2:UInt32}
SETTINGS merge_tree_min_rows_for_concurrent_read = 1, merge_tree_min_bytes_for_concurrent_read = 1;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"abababababababababababababababab","p2":50000}

-- a span of a trace
WITH (
  SELECT (min(start_time), max(end_time), sum(span_count)) FROM traces_v3
  WHERE tenant_id = {tenant:UUID} AND trace_id = unhex({p2:String})
) AS trace
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
WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(trace.1)
  AND toStartOfHour(timestamp) <= toStartOfHour(trace.2) AND timestamp >= trace.1 AND timestamp <= trace.2
  AND trace_id = unhex({p2:String})
  AND span_id = unhex({p1:String})
ORDER BY timestamp, span_id
LIMIT {p3:UInt32}
SETTINGS merge_tree_min_rows_for_concurrent_read = 1, merge_tree_min_bytes_for_concurrent_read = 1;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"cdcdcdcdcdcdcdcd","p2":"abababababababababababababababab","p3":1}

-- outline of a trace
WITH (
  SELECT (min(start_time), max(end_time), sum(span_count)) FROM traces_v3
  WHERE tenant_id = {tenant:UUID} AND trace_id = unhex({p1:String})
) AS trace
SELECT
  toString(toUnixTimestamp64Nano(trace.1)) AS startNs, toUInt32(trace.3) AS spanCount,
  groupArray(id) AS spanIds, groupArray(parent) AS parentIds, groupArray(name) AS names, groupArray(service) AS services,
  groupArray(kind) AS kinds, groupArray(status) AS statuses,
  groupArray(start) AS starts, groupArray(duration) AS durations,
  groupArray(eventTimes) AS events, groupArray(eventNames) AS eventsNames
FROM (
  SELECT
    if(span_id = unhex('0000000000000000'), '', lower(hex(span_id))) AS id, if(parent_span_id = unhex('0000000000000000'), '', lower(hex(parent_span_id))) AS parent,
    name, toString(service_name) AS service, kind, status_code AS status,
    toFloat64(toUnixTimestamp64Nano(timestamp) - toUnixTimestamp64Nano(trace.1)) AS start, toFloat64(duration_ns) AS duration,
    arrayMap(t -> toFloat64(toUnixTimestamp64Nano(t) - toUnixTimestamp64Nano(trace.1)), arraySlice(`events.timestamp`, 1, 20)) AS eventTimes,
    arrayMap(n -> toString(n), arraySlice(`events.name`, 1, 20)) AS eventNames
  FROM spans_v3
  WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(trace.1)
  AND toStartOfHour(timestamp) <= toStartOfHour(trace.2) AND timestamp >= trace.1 AND timestamp <= trace.2
  AND trace_id = unhex({p1:String})
  ORDER BY timestamp, span_id
  LIMIT {p2:UInt32}
);
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"abababababababababababababababab","p2":50000}

-- peers of a trace
SELECT id AS spanId, peer.1 AS kind, peer.2 AS system, peer.3 AS name
FROM (
  WITH (
  SELECT (min(start_time), max(end_time), sum(span_count)) FROM traces_v3
  WHERE tenant_id = {tenant:UUID} AND trace_id = unhex({p1:String})
) AS trace, attributes[{p2:String}] AS peer_1, attributes[{p3:String}] AS peer_2, attributes[{p4:String}] AS peer_3, attributes[{p5:String}] AS peer_4, attributes[{p6:String}] AS peer_5, attributes[{p7:String}] AS peer_6, attributes[{p8:String}] AS peer_7, attributes[{p9:String}] AS peer_8, attributes[{p10:String}] AS peer_9, attributes[{p11:String}] AS peer_10, domain(attributes[{p12:String}]) AS peer_11, domain(attributes[{p13:String}]) AS peer_12
  SELECT if(span_id = unhex('0000000000000000'), '', lower(hex(span_id))) AS id, timestamp, multiIf(if(peer_1 != '', peer_1, peer_2) != '', tuple('database', toString(if(peer_1 != '', peer_1, peer_2)), substringUTF8(toString(if(if(peer_3 != '', peer_3, if(peer_4 != '', peer_4, if(peer_5 != '', peer_5, peer_6))) = '', if(peer_1 != '', peer_1, peer_2), if(peer_3 != '', peer_3, if(peer_4 != '', peer_4, if(peer_5 != '', peer_5, peer_6))))), 1, 200)), peer_7 != '', tuple('queue', toString(peer_7), substringUTF8(toString(if(if(peer_8 != '', peer_8, peer_9) = '', peer_7, if(peer_8 != '', peer_8, peer_9))), 1, 200)), tuple('external', toString(''), substringUTF8(toString(if(peer_10 != '', peer_10, if(peer_5 != '', peer_5, if(peer_6 != '', peer_6, if(peer_11 != '', peer_11, peer_12))))), 1, 200))) AS peer
  FROM spans_v3
  WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(trace.1)
  AND toStartOfHour(timestamp) <= toStartOfHour(trace.2) AND timestamp >= trace.1 AND timestamp <= trace.2
  AND trace_id = unhex({p1:String}) AND kind IN (3, 4)
)
WHERE peer.3 != ''
ORDER BY timestamp, spanId
LIMIT {p14:UInt32}
SETTINGS optimize_functions_to_subcolumns = 0, merge_tree_min_rows_for_concurrent_read = 1, merge_tree_min_bytes_for_concurrent_read = 1;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"abababababababababababababababab","p2":"db.system.name","p3":"db.system","p4":"db.namespace","p5":"db.name","p6":"server.address","p7":"net.peer.name","p8":"messaging.system","p9":"messaging.destination.name","p10":"messaging.destination","p11":"peer.service","p12":"url.full","p13":"http.url","p14":50000}

-- search within a trace
WITH (
  SELECT (min(start_time), max(end_time), sum(span_count)) FROM traces_v3
  WHERE tenant_id = {tenant:UUID} AND trace_id = unhex({p1:String})
) AS trace
SELECT toUInt32(trace.3) AS spanCount, groupArray(id) AS spanIds
FROM (
  SELECT if(span_id = unhex('0000000000000000'), '', lower(hex(span_id))) AS id
  FROM spans_v3
  WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(trace.1)
  AND toStartOfHour(timestamp) <= toStartOfHour(trace.2) AND timestamp >= trace.1 AND timestamp <= trace.2
  AND trace_id = unhex({p1:String})
    AND (service_name = {p2:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p3:String}] LIKE {p5:String}) = 0, http_route LIKE {p4:String}, (http_route LIKE {p4:String} OR (NOT (http_route != '' OR has(empty_attributes, {p3:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p3:String}] LIKE {p5:String})))) AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p6:String}], nan) >= {p8:Float64}) = 0, toFloat64OrDefault(attributes[{p6:String}], nan) >= {p7:Float64}, (toFloat64OrDefault(attributes[{p6:String}], nan) >= {p7:Float64} OR (NOT (attributes[{p6:String}] != '' OR has(empty_attributes, {p6:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p6:String}], nan) >= {p8:Float64})))) AND NOT (has({p9:Array(UInt8)}, status_code)) AND ((lower(name) LIKE {p10:String} OR lower(service_name) LIKE {p10:String} OR lower(status_message) LIKE {p10:String}) OR arrayExists(v -> lower(v) LIKE {p11:String}, mapValues(attributes))))
  ORDER BY timestamp, span_id
  LIMIT {p12:UInt32}
);
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"abababababababababababababababab","p2":"checkout","p3":"http.route","p4":"/api/%","p5":"/api/%","p6":"http.response.status_code","p7":500,"p8":500,"p9":[1],"p10":"%card declined%","p11":"%card declined%","p12":50000}

-- newest spans
SELECT
  lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId, if(parent_span_id = unhex('0000000000000000'), '', lower(hex(parent_span_id))) AS parentSpanId,
  name, kind, service_name AS serviceName,
  toString(toUnixTimestamp64Nano(timestamp)) AS startNs, toString(duration_ns) AS durationNs,
  status_code AS statusCode, status_message AS statusMessage,
  toString(resource_id) AS resourceId, toString(scope_id) AS scopeId
FROM spans_v3
WHERE tenant_id = {tenant:UUID}
  AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
ORDER BY timestamp DESC, trace_id DESC, span_id DESC
LIMIT {p3:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":101}

-- slowest spans by a filter, next page
SELECT
  lower(hex(trace_id)) AS traceId, lower(hex(span_id)) AS spanId, if(parent_span_id = unhex('0000000000000000'), '', lower(hex(parent_span_id))) AS parentSpanId,
  name, kind, service_name AS serviceName,
  toString(toUnixTimestamp64Nano(timestamp)) AS startNs, toString(duration_ns) AS durationNs,
  status_code AS statusCode, status_message AS statusMessage,
  toString(resource_id) AS resourceId, toString(scope_id) AS scopeId,
  mapKeys(attributes) AS aKeys, mapValues(attributes) AS aValues, attribute_types AS aTypes
FROM spans_v3
WHERE tenant_id = {tenant:UUID}
  AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND (service_name = {p3:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p4:String}] LIKE {p6:String}) = 0, http_route LIKE {p5:String}, (http_route LIKE {p5:String} OR (NOT (http_route != '' OR has(empty_attributes, {p4:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p4:String}] LIKE {p6:String})))) AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p7:String}], nan) >= {p9:Float64}) = 0, toFloat64OrDefault(attributes[{p7:String}], nan) >= {p8:Float64}, (toFloat64OrDefault(attributes[{p7:String}], nan) >= {p8:Float64} OR (NOT (attributes[{p7:String}] != '' OR has(empty_attributes, {p7:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p7:String}], nan) >= {p9:Float64})))) AND NOT (has({p10:Array(UInt8)}, status_code)) AND ((lower(name) LIKE {p11:String} OR lower(service_name) LIKE {p11:String} OR lower(status_message) LIKE {p11:String}) OR arrayExists(v -> lower(v) LIKE {p12:String}, mapValues(attributes))))
  AND (duration_ns, trace_id, span_id) < ({p13:UInt64}, unhex({p14:String}), unhex({p15:String}))
ORDER BY duration_ns DESC, trace_id DESC, span_id DESC
LIMIT {p16:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":"checkout","p4":"http.route","p5":"/api/%","p6":"/api/%","p7":"http.response.status_code","p8":500,"p9":500,"p10":[1],"p11":"%card declined%","p12":"%card declined%","p13":"1000000","p14":"abababababababababababababababab","p15":"abababababababab","p16":101}

-- spans of a selection and others
SELECT countIf(chosen) AS selection, countIf(NOT chosen) AS baseline
FROM (
  SELECT (timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND duration_ns >= {p3:UInt64}) AS chosen
      FROM spans_v3
      WHERE tenant_id = {tenant:UUID}
        AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p5:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p4:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p5:Int64}, 'UTC')
        AND (service_name = {p6:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p7:String}] LIKE {p9:String}) = 0, http_route LIKE {p8:String}, (http_route LIKE {p8:String} OR (NOT (http_route != '' OR has(empty_attributes, {p7:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p7:String}] LIKE {p9:String})))) AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p10:String}], nan) >= {p12:Float64}) = 0, toFloat64OrDefault(attributes[{p10:String}], nan) >= {p11:Float64}, (toFloat64OrDefault(attributes[{p10:String}], nan) >= {p11:Float64} OR (NOT (attributes[{p10:String}] != '' OR has(empty_attributes, {p10:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p10:String}], nan) >= {p12:Float64})))) AND NOT (has({p13:Array(UInt8)}, status_code)) AND ((lower(name) LIKE {p14:String} OR lower(service_name) LIKE {p14:String} OR lower(status_message) LIKE {p14:String}) OR arrayExists(v -> lower(v) LIKE {p15:String}, mapValues(attributes))))
);
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":"100000000","p4":"1773100800000000000","p5":"1773104400000000000","p6":"checkout","p7":"http.route","p8":"/api/%","p9":"/api/%","p10":"http.response.status_code","p11":500,"p12":500,"p13":[1],"p14":"%card declined%","p15":"%card declined%"}

-- attributes of a selection and others
SELECT source, key, sum(inSelection) AS selection, sum(inBaseline) AS baseline, count() AS distinctValues,
  max(abs(inSelection / {p1:Float64} - inBaseline / {p2:Float64})) AS difference,
  arraySlice(arrayReverseSort(v -> v.4, groupArray((value, inSelection, inBaseline, abs(inSelection / {p1:Float64} - inBaseline / {p2:Float64})))), 1, 10) AS top,
  arrayMap(v -> v.1, top) AS values, arrayMap(v -> v.2, top) AS selections, arrayMap(v -> v.3, top) AS baselines
FROM (
  SELECT entry.1 AS source, entry.2 AS key, entry.3 AS value, countIf(chosen) AS inSelection, countIf(NOT chosen) AS inBaseline
  FROM (
    SELECT chosen, arrayJoin(arrayConcat(
      [('field', 'service.name', toString(service_name)), ('field', 'name', toString(name)),
       ('field', 'kind', {p3:Array(String)}[kind + 1]),
       ('field', 'status', {p4:Array(String)}[status_code + 1])],
      if(status_message = '', [], [('field', 'status.message', status_message)]),
      arrayMap((k, v) -> ('attribute', toString(k), v), mapKeys(attributes), mapValues(attributes))
    )) AS entry
    FROM (
      SELECT (timestamp >= fromUnixTimestamp64Nano({p5:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p6:Int64}, 'UTC') AND duration_ns >= {p7:UInt64}) AS chosen, service_name, name, kind, status_code, status_message, attributes
      FROM spans_v3
      WHERE tenant_id = {tenant:UUID}
        AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p8:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p9:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p8:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p9:Int64}, 'UTC')
        AND (service_name = {p10:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p11:String}] LIKE {p13:String}) = 0, http_route LIKE {p12:String}, (http_route LIKE {p12:String} OR (NOT (http_route != '' OR has(empty_attributes, {p11:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p11:String}] LIKE {p13:String})))) AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p14:String}], nan) >= {p16:Float64}) = 0, toFloat64OrDefault(attributes[{p14:String}], nan) >= {p15:Float64}, (toFloat64OrDefault(attributes[{p14:String}], nan) >= {p15:Float64} OR (NOT (attributes[{p14:String}] != '' OR has(empty_attributes, {p14:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p14:String}], nan) >= {p16:Float64})))) AND NOT (has({p17:Array(UInt8)}, status_code)) AND ((lower(name) LIKE {p18:String} OR lower(service_name) LIKE {p18:String} OR lower(status_message) LIKE {p18:String}) OR arrayExists(v -> lower(v) LIKE {p19:String}, mapValues(attributes))))
        AND cityHash64(trace_id, span_id) % if(chosen, {p20:UInt64}, {p21:UInt64}) = 0
    )
  )
  GROUP BY source, key, value
)
GROUP BY source, key
ORDER BY difference DESC, key LIMIT {p22:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":1000,"p2":20000,"p3":["unspecified","internal","server","client","producer","consumer"],"p4":["unset","ok","error"],"p5":"1773100800000000000","p6":"1773104400000000000","p7":"100000000","p8":"1773100800000000000","p9":"1773104400000000000","p10":"checkout","p11":"http.route","p12":"/api/%","p13":"/api/%","p14":"http.response.status_code","p15":500,"p16":500,"p17":[1],"p18":"%card declined%","p19":"%card declined%","p20":1,"p21":40,"p22":300}

-- resources of a selection and others
SELECT 'resource' AS source, key, sum(inSelection) AS selection, sum(inBaseline) AS baseline, count() AS distinctValues,
  max(abs(inSelection / {p1:Float64} - inBaseline / {p2:Float64})) AS difference,
  arraySlice(arrayReverseSort(v -> v.4, groupArray((value, inSelection, inBaseline, abs(inSelection / {p1:Float64} - inBaseline / {p2:Float64})))), 1, 10) AS top,
  arrayMap(v -> v.1, top) AS values, arrayMap(v -> v.2, top) AS selections, arrayMap(v -> v.3, top) AS baselines
FROM (
  SELECT toString(k) AS key, v AS value, sum(spans.inSelection) AS inSelection, sum(spans.inBaseline) AS inBaseline
  FROM (
    SELECT resource_id, countIf(chosen) AS inSelection, countIf(NOT chosen) AS inBaseline
    FROM (
      SELECT (timestamp >= fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p4:Int64}, 'UTC') AND duration_ns >= {p5:UInt64}) AS chosen, resource_id
      FROM spans_v3
      WHERE tenant_id = {tenant:UUID}
        AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p6:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p7:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p6:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p7:Int64}, 'UTC')
        AND (service_name = {p8:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p9:String}] LIKE {p11:String}) = 0, http_route LIKE {p10:String}, (http_route LIKE {p10:String} OR (NOT (http_route != '' OR has(empty_attributes, {p9:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p9:String}] LIKE {p11:String})))) AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p12:String}], nan) >= {p14:Float64}) = 0, toFloat64OrDefault(attributes[{p12:String}], nan) >= {p13:Float64}, (toFloat64OrDefault(attributes[{p12:String}], nan) >= {p13:Float64} OR (NOT (attributes[{p12:String}] != '' OR has(empty_attributes, {p12:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p12:String}], nan) >= {p14:Float64})))) AND NOT (has({p15:Array(UInt8)}, status_code)) AND ((lower(name) LIKE {p16:String} OR lower(service_name) LIKE {p16:String} OR lower(status_message) LIKE {p16:String}) OR arrayExists(v -> lower(v) LIKE {p17:String}, mapValues(attributes))))
        AND cityHash64(trace_id, span_id) % if(chosen, {p18:UInt64}, {p19:UInt64}) = 0
    )
    GROUP BY resource_id
  ) AS spans
  INNER JOIN (
    SELECT resource_id, any(attributes) AS described FROM resources_v3 WHERE tenant_id = {tenant:UUID} GROUP BY resource_id
  ) AS resources USING (resource_id)
  ARRAY JOIN mapKeys(described) AS k, mapValues(described) AS v
  WHERE k != 'service.name'
  GROUP BY key, value
)
GROUP BY key
ORDER BY difference DESC, key LIMIT {p20:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":1000,"p2":20000,"p3":"1773100800000000000","p4":"1773104400000000000","p5":"100000000","p6":"1773100800000000000","p7":"1773104400000000000","p8":"checkout","p9":"http.route","p10":"/api/%","p11":"/api/%","p12":"http.response.status_code","p13":500,"p14":500,"p15":[1],"p16":"%card declined%","p17":"%card declined%","p18":1,"p19":40,"p20":300}

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
  AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
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
  AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND (((severity_number BETWEEN {p3:UInt8} AND {p4:UInt8}) OR (severity_number = 0 AND has({p5:Array(String)}, lower(severity_text)))) AND hasToken(lower(body), {p6:String}) AND (resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p7:String}] = {p8:String}) OR resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p7:String}] = {p9:String})))
  AND (timestamp, id) > (fromUnixTimestamp64Nano({p10:Int64}, 'UTC'), {p11:UInt64})
ORDER BY timestamp ASC, id ASC
LIMIT {p12:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":13,"p4":255,"p5":["warn","warning","error","err","fatal","critical","crit","alert","emergency","panic"],"p6":"timeout","p7":"host.name","p8":"web-1","p9":"web-2","p10":"1773104399999999999","p11":"7","p12":101}

-- log volume
SELECT
  intDiv(toUnixTimestamp64Milli(timestamp), {p1:Int64}) * {p1:Int64} AS time,
  if(severity_number = 0, transform(lower(severity_text), ['trace', 'finest', 'verbose', 'debug', 'fine', 'info', 'information', 'informational', 'notice', 'warn', 'warning', 'error', 'err', 'fatal', 'critical', 'crit', 'alert', 'emergency', 'panic'], [1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 6, 6, 6, 6], 0), least(intDiv(severity_number + 3, 4), 6)) AS class,
  count() AS records
FROM logs_v3
WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p3:Int64}, 'UTC')
  AND (((severity_number BETWEEN {p4:UInt8} AND {p5:UInt8}) OR (severity_number = 0 AND has({p6:Array(String)}, lower(severity_text)))) AND hasToken(lower(body), {p7:String}) AND (resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p8:String}] = {p9:String}) OR resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p8:String}] = {p10:String})))
GROUP BY time, class;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":60000,"p2":"1773100800000000000","p3":"1773104400000000000","p4":13,"p5":255,"p6":["warn","warning","error","err","fatal","critical","crit","alert","emergency","panic"],"p7":"timeout","p8":"host.name","p9":"web-1","p10":"web-2"}

-- what a process logged after a record
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
  AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND service_name = {p3:String}
  AND resource_id = {p4:UInt64}
  AND (timestamp, id) > (fromUnixTimestamp64Nano({p5:Int64}, 'UTC'), {p6:UInt64})
ORDER BY timestamp ASC, id ASC
LIMIT {p7:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":"checkout","p4":"11","p5":"1773104399999999999","p6":"7","p7":26}

-- a sample of logs for patterns
SELECT
  toString(id) AS recordId,
  toString(toUnixTimestamp64Nano(timestamp)) AS timeNs,
  severity_number AS severityNumber, if(severity_number = 0, transform(lower(severity_text), ['trace', 'finest', 'verbose', 'debug', 'fine', 'info', 'information', 'informational', 'notice', 'warn', 'warning', 'error', 'err', 'fatal', 'critical', 'crit', 'alert', 'emergency', 'panic'], [1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 6, 6, 6, 6], 0), least(intDiv(severity_number + 3, 4), 6)) AS class,
  service_name AS serviceName,
  substringUTF8(body, 1, {p11:UInt32}) AS beginning, body_type AS bodyType, event_name AS eventName
FROM logs_v3
WHERE tenant_id = {tenant:UUID}
  AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND cityHash64(id) % 1000000 < {p3:UInt32}
  AND (((severity_number BETWEEN {p4:UInt8} AND {p5:UInt8}) OR (severity_number = 0 AND has({p6:Array(String)}, lower(severity_text)))) AND hasToken(lower(body), {p7:String}) AND (resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p8:String}] = {p9:String}) OR resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p8:String}] = {p10:String})))
LIMIT {p12:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":20000,"p4":13,"p5":255,"p6":["warn","warning","error","err","fatal","critical","crit","alert","emergency","panic"],"p7":"timeout","p8":"host.name","p9":"web-1","p10":"web-2","p11":1000,"p12":25000}
