-- p95 of duration by route, in steps
SELECT CAST([toString(k0)], 'Array(String)') AS labels, CAST([toFloat64(arrayReduce('quantilesExactInclusiveMerge(0.950000)', s0)[1])], 'Array(Nullable(Float64))') AS totals, [arrayMap(s -> toFloat64(finalizeAggregation(s)[1]), s0)] AS lines, count() OVER () AS totalGroups
FROM (
  SELECT http_route AS k0, quantilesExactInclusiveStateResample(0.950000, 0, 240, 1)(toFloat64(duration_ns), toUInt16(intDiv(toUnixTimestamp64Nano(timestamp) - {p2:Int64}, {p3:Int64}))) AS s0, count() AS found
  FROM spans_v3
  WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p5:Int64}, 'UTC'))
    AND timestamp >= fromUnixTimestamp64Nano({p4:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p5:Int64}, 'UTC')
  GROUP BY k0
  HAVING found > 0
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p6:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"1773100800000000000","p3":"60000000000","p4":"1773100800000000000","p5":"1773115200000000000","p6":20}

-- rate, errors and percentiles by operation
SELECT CAST([toString(k0), toString(k1)], 'Array(String)') AS labels, CAST([toFloat64(s0), toFloat64(s1), toFloat64(s2[1]), toFloat64(s2[2])], 'Array(Nullable(Float64))') AS totals, count() OVER () AS totalGroups
FROM (
  SELECT service_name AS k0, name AS k1, count() AS s0, countIf(has({p1:Array(UInt8)}, status_code)) AS s1, quantilesExactInclusive(0.500000, 0.950000)(toFloat64(duration_ns)) AS s2, count() AS found
  FROM spans_v3
  WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p5:Int64}, 'UTC'))
    AND timestamp >= fromUnixTimestamp64Nano({p4:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p5:Int64}, 'UTC')
    AND (service_name = {p2:String} AND duration_ns > {p3:UInt64})
  GROUP BY k0, k1
  HAVING found > 0
)
ORDER BY totals[2] DESC NULLS LAST, labels
LIMIT {p6:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":[2],"p2":"checkout","p3":"500000000","p4":"1773100800000000000","p5":"1773115200000000000","p6":20}

-- a facet of an attribute, also of resources
SELECT CAST([toString(k0)], 'Array(String)') AS labels, CAST([toFloat64(s0)], 'Array(Nullable(Float64))') AS totals, count() OVER () AS totalGroups
FROM (
  SELECT if((attributes[{p1:String}] != '' OR has(empty_attributes, {p1:String})), attributes[{p1:String}], resource_0) AS k0, count() AS s0, count() AS found
  FROM spans_v3
  ANY LEFT JOIN (
    SELECT resource_id, attributes[{p1:String}] AS resource_0, substring(attribute_types, indexOf(mapKeys(attributes), {p1:String}), 1) AS resource_0_type FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
  WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p5:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p6:Int64}, 'UTC'))
    AND timestamp >= fromUnixTimestamp64Nano({p5:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p6:Int64}, 'UTC')
    AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p2:String}] = {p4:String}) = 0, attributes[{p2:String}] = {p3:String}, (attributes[{p2:String}] = {p3:String} OR (NOT (attributes[{p2:String}] != '' OR has(empty_attributes, {p2:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p2:String}] = {p4:String}))))
  GROUP BY k0
  HAVING found > 0
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p7:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"host.name","p2":"card.type","p3":"visa","p4":"visa","p5":"1773100800000000000","p6":"1773115200000000000","p7":10}

-- top customers, in steps
SELECT CAST([toString(k0)], 'Array(String)') AS labels, CAST([toFloat64(t0), toFloat64(t1)], 'Array(Nullable(Float64))') AS totals, cells, count() OVER () AS totalGroups
FROM (
  SELECT k0, countMerge(s0) AS t0, sumOrNullMerge(s1) AS t1, groupArray(tuple(step, toFloat64(finalizeAggregation(s0)), toFloat64(finalizeAggregation(s1)))) AS cells
  FROM (
    SELECT attributes[{p1:String}] AS k0, toUInt16(intDiv(toUnixTimestamp64Nano(timestamp) - {p3:Int64}, {p4:Int64})) AS step, countState() AS s0, sumOrNullStateIf(toFloat64OrDefault(attributes[{p2:String}], nan), isFinite(toFloat64OrDefault(attributes[{p2:String}], nan))) AS s1
    FROM spans_v3
    WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p5:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p6:Int64}, 'UTC'))
      AND timestamp >= fromUnixTimestamp64Nano({p5:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p6:Int64}, 'UTC')
    GROUP BY k0, step
  )
  GROUP BY k0
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p7:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"customer.id","p2":"cart.total","p3":"1773100800000000000","p4":"60000000000","p5":"1773100800000000000","p6":"1773115200000000000","p7":20}

-- a heatmap
SELECT CAST([], 'Array(String)') AS labels, groupArray((step, bucket, toFloat64(records))) AS cells
FROM (
  SELECT toUInt16(intDiv(toUnixTimestamp64Nano(timestamp) - {p1:Int64}, {p2:Int64})) AS step, toInt32(if(toFloat64(duration_ns) = 0, 0, if(toFloat64(duration_ns) > 0, 1, -1) * (toInt32(floor(log2(abs(toFloat64(duration_ns))) * 16)) + 1000000))) AS bucket, count() AS records
  FROM spans_v3
  WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC'))
    AND timestamp >= fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p4:Int64}, 'UTC')
  GROUP BY step, bucket
)
HAVING notEmpty(cells);
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"60000000000","p3":"1773100800000000000","p4":"1773115200000000000"}

-- log volume by severity
SELECT CAST([['unspecified', 'trace', 'debug', 'info', 'warn', 'error', 'fatal'][if(k0 < 7, k0, 0) + 1]], 'Array(String)') AS labels, CAST([toFloat64(arrayReduce('countMerge', s0))], 'Array(Nullable(Float64))') AS totals, [arrayMap(s -> toFloat64(finalizeAggregation(s)), s0)] AS lines, count() OVER () AS totalGroups
FROM (
  SELECT if(severity_number = 0, transform(lower(severity_text), ['trace', 'finest', 'verbose', 'debug', 'fine', 'info', 'information', 'informational', 'notice', 'warn', 'warning', 'error', 'err', 'fatal', 'critical', 'crit', 'alert', 'emergency', 'panic'], [1, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 6, 6, 6, 6], 0), least(intDiv(severity_number + 3, 4), 6)) AS k0, countStateResample(0, 240, 1)(toUInt16(intDiv(toUnixTimestamp64Nano(timestamp) - {p1:Int64}, {p2:Int64}))) AS s0, count() AS found
  FROM logs_v3
  WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p5:Int64}, 'UTC'))
    AND timestamp >= fromUnixTimestamp64Nano({p4:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p5:Int64}, 'UTC')
    AND hasToken(lower(body), {p3:String})
  GROUP BY k0
  HAVING found > 0
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p6:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"60000000000","p3":"timeout","p4":"1773100800000000000","p5":"1773115200000000000","p6":20}

-- log volume by day of a time zone
SELECT CAST([toString(k0)], 'Array(String)') AS labels, CAST([toFloat64(t0)], 'Array(Nullable(Float64))') AS totals, cells, count() OVER () AS totalGroups
FROM (
  SELECT k0, uniqMerge(s0) AS t0, groupArray(tuple(step, toFloat64(finalizeAggregation(s0)))) AS cells
  FROM (
    SELECT scope_name AS k0, toUInt16(indexOf({p2:Array(Int64)}, roundDown(toUnixTimestamp64Milli(timestamp), {p2:Array(Int64)})) - 1) AS step, uniqStateIf(attributes[{p1:String}], toString(attributes[{p1:String}]) != '') AS s0
    FROM logs_v3
    ANY LEFT JOIN (
      SELECT scope_id, toString(name) AS scope_name, toString(version) AS scope_version FROM scopes_v3 WHERE tenant_id = {tenant:UUID}
    ) AS scopes USING (scope_id)
    WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC'))
      AND timestamp >= fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p4:Int64}, 'UTC')
    GROUP BY k0, step
  )
  GROUP BY k0
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p5:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"user.id","p2":[1773075600000,1773104400000],"p3":"1773100800000000000","p4":"1773115200000000000","p5":20}

-- spans by service and hour
SELECT CAST([toString(k0)], 'Array(String)') AS labels, CAST([toFloat64(arrayReduce('sumMerge', s0)), toFloat64(arrayReduce('sumMerge', s1))], 'Array(Nullable(Float64))') AS totals, [arrayMap(s -> toFloat64(finalizeAggregation(s)), s0), arrayMap(s -> toFloat64(finalizeAggregation(s)), s1)] AS lines, count() OVER () AS totalGroups
FROM (
  SELECT service_name AS k0, sumStateResample(0, 4, 1)(records, toUInt16(intDiv(toUnixTimestamp64Nano(timestamp) - {p1:Int64}, {p2:Int64}))) AS s0, sumStateResample(0, 4, 1)(errors, toUInt16(intDiv(toUnixTimestamp64Nano(timestamp) - {p1:Int64}, {p2:Int64}))) AS s1, count() AS found
  FROM (
    SELECT service_name, toDateTime64(hour, 9, 'UTC') AS timestamp, records, errors
    FROM services_v3
    WHERE tenant_id = {tenant:UUID} AND signal = 'spans' AND hour >= fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND hour < fromUnixTimestamp64Nano({p4:Int64}, 'UTC')
  )
  WHERE 1
  GROUP BY k0
  HAVING found > 0
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p5:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"3600000000000","p3":"1773100800000000000","p4":"1773115200000000000","p5":20}

-- duration of traces that touch a service
SELECT CAST([toString(k0)], 'Array(String)') AS labels, CAST([toFloat64(arrayReduce('countMerge', s0)), toFloat64(arrayReduce('quantilesExactInclusiveMerge(0.950000)', s1)[1])], 'Array(Nullable(Float64))') AS totals, [arrayMap(s -> toFloat64(finalizeAggregation(s)), s0), arrayMap(s -> toFloat64(finalizeAggregation(s)[1]), s1)] AS lines, count() OVER () AS totalGroups
FROM (
  SELECT trace_root.name AS k0, countStateResample(0, 240, 1)(toUInt16(intDiv(toUnixTimestamp64Nano(trace_start) - {p1:Int64}, {p2:Int64}))) AS s0, quantilesExactInclusiveStateResample(0.950000, 0, 240, 1)(toFloat64(trace_duration), toUInt16(intDiv(toUnixTimestamp64Nano(trace_start) - {p1:Int64}, {p2:Int64}))) AS s1, count() AS found
  FROM (
    SELECT trace_id, min(start_time) AS trace_start, max(root) AS trace_root, toUnixTimestamp64Nano(max(end_time)) - toUnixTimestamp64Nano(min(start_time)) AS trace_duration
    FROM traces_v3
    WHERE tenant_id = {tenant:UUID} AND day >= toDate(fromUnixTimestamp64Nano({p3:Int64}, 'UTC')) - 1 AND day <= toDate(fromUnixTimestamp64Nano({p4:Int64}, 'UTC')) + 1
    AND trace_id IN (
      SELECT trace_id FROM spans_v3
      WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p5:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p6:Int64}, 'UTC'))
    AND timestamp >= fromUnixTimestamp64Nano({p5:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p6:Int64}, 'UTC')
        AND service_name = {p7:String}
    )
    GROUP BY trace_id
  )
  WHERE trace_start >= fromUnixTimestamp64Nano({p8:Int64}, 'UTC') AND trace_start < fromUnixTimestamp64Nano({p9:Int64}, 'UTC')
  GROUP BY k0
  HAVING found > 0
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p10:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"60000000000","p3":"1773100800000000000","p4":"1773115200000000000","p5":"1773100800000000000","p6":"1773118800000000000","p7":"checkout","p8":"1773100800000000000","p9":"1773115200000000000","p10":20}

-- records
SELECT CAST([concat(replaceOne(toString(timestamp), ' ', 'T'), 'Z'), toString(body), toString(attributes[{p1:String}])], 'Array(String)') AS texts, CAST(['s', 's', substring(attribute_types, indexOf(mapKeys(attributes), {p1:String}), 1)], 'Array(String)') AS letters
FROM logs_v3
WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p5:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p6:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p5:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p6:Int64}, 'UTC')
  AND ((severity_number BETWEEN {p2:UInt8} AND {p3:UInt8}) OR (severity_number = 0 AND has({p4:Array(String)}, lower(severity_text))))
ORDER BY timestamp DESC, id DESC
LIMIT {p7:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"user.id","p2":17,"p3":20,"p4":["error","err"],"p5":"1773115140000000000","p6":"1773115200000000000","p7":101}

-- records
SELECT CAST([concat(replaceOne(toString(timestamp), ' ', 'T'), 'Z'), toString(body), toString(attributes[{p1:String}])], 'Array(String)') AS texts, CAST(['s', 's', substring(attribute_types, indexOf(mapKeys(attributes), {p1:String}), 1)], 'Array(String)') AS letters
FROM logs_v3
WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p5:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p6:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p5:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p6:Int64}, 'UTC')
  AND ((severity_number BETWEEN {p2:UInt8} AND {p3:UInt8}) OR (severity_number = 0 AND has({p4:Array(String)}, lower(severity_text))))
ORDER BY timestamp DESC, id DESC
LIMIT {p7:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"user.id","p2":17,"p3":20,"p4":["error","err"],"p5":"1773114180000000000","p6":"1773115140000000000","p7":101}
