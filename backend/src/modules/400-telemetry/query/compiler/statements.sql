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
