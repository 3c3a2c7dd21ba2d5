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
WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
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
  least(intDiv(severity_number + 3, 4), 6) AS class,
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
  severity_number AS severityNumber,
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
