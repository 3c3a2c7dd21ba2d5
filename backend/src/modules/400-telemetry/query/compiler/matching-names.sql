-- keys of spans
SELECT attribute_key AS name, toString(argMax(letter, seen)) AS type
FROM (
  SELECT toString(k) AS attribute_key, substring(attribute_types, i, 1) AS letter, count() AS seen
  FROM spans_v3
  ARRAY JOIN mapKeys(attributes) AS k, arrayEnumerate(mapKeys(attributes)) AS i
  WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND service_name = {p3:String} AND positionCaseInsensitive(k, {p4:String}) > 0
  GROUP BY attribute_key, letter
)
GROUP BY attribute_key ORDER BY sum(seen) DESC, name LIMIT {p5:UInt32}
SETTINGS max_rows_to_read = 1000000, read_overflow_mode = 'break',
  max_execution_time = 1, timeout_overflow_mode = 'break',
  max_rows_to_group_by = 100000, group_by_overflow_mode = 'any';
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":"checkout","p4":"xyz","p5":100}

-- services
SELECT toString(service_name) AS value
FROM services_v3
WHERE tenant_id = {tenant:UUID} AND signal = 'logs' AND hour >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC'))
  AND hour < fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND positionCaseInsensitive(service_name, {p3:String}) > 0
GROUP BY service_name ORDER BY sum(records) DESC, value LIMIT {p4:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":"check","p4":100}

-- names of spans
SELECT toString(name) AS value
FROM spans_v3
WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND (service_name = {p3:String} AND has({p4:Array(UInt8)}, status_code)) AND name != '' AND 1
GROUP BY name ORDER BY count() DESC, value LIMIT {p5:UInt32}
SETTINGS max_rows_to_read = 1000000, read_overflow_mode = 'break',
  max_execution_time = 1, timeout_overflow_mode = 'break',
  max_rows_to_group_by = 100000, group_by_overflow_mode = 'any';
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":"checkout","p4":[2],"p5":100}

-- an attribute
SELECT toString(attributes[{p1:String}]) AS value
FROM logs_v3
WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND ((severity_number BETWEEN {p4:UInt8} AND {p5:UInt8}) OR (severity_number = 0 AND has({p6:Array(String)}, lower(severity_text)))) AND attributes[{p1:String}] != '' AND positionCaseInsensitive(attributes[{p1:String}], {p7:String}) > 0
GROUP BY attributes[{p1:String}] ORDER BY count() DESC, value LIMIT {p8:UInt32}
SETTINGS max_rows_to_read = 1000000, read_overflow_mode = 'break',
  max_execution_time = 1, timeout_overflow_mode = 'break',
  max_rows_to_group_by = 100000, group_by_overflow_mode = 'any';
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"1773100800000000000","p3":"1773104400000000000","p4":17,"p5":20,"p6":["error","err"],"p7":"/a\"b","p8":100}

-- an attribute, of its resource
SELECT referred AS value
FROM (
  SELECT resource_id, count() AS seen FROM logs_v3
  WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND ((severity_number BETWEEN {p4:UInt8} AND {p5:UInt8}) OR (severity_number = 0 AND has({p6:Array(String)}, lower(severity_text))))
  GROUP BY resource_id
) AS records
INNER JOIN (
  SELECT DISTINCT resource_id, toString(attributes[{p1:String}]) AS referred FROM resources_v3
  WHERE tenant_id = {tenant:UUID} AND attributes[{p1:String}] != '' AND positionCaseInsensitive(attributes[{p1:String}], {p7:String}) > 0
) AS owners USING (resource_id)
GROUP BY value ORDER BY sum(seen) DESC, value LIMIT {p8:UInt32}
SETTINGS max_rows_to_read = 1000000, read_overflow_mode = 'break',
  max_execution_time = 1, timeout_overflow_mode = 'break',
  max_rows_to_group_by = 100000, group_by_overflow_mode = 'any';
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"1773100800000000000","p3":"1773104400000000000","p4":17,"p5":20,"p6":["error","err"],"p7":"/a\"b","p8":100}

-- the route
SELECT toString(http_route) AS value
FROM spans_v3
WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND has({p3:Array(UInt8)}, kind) AND http_route != '' AND 1
GROUP BY http_route ORDER BY count() DESC, value LIMIT {p4:UInt32}
SETTINGS max_rows_to_read = 1000000, read_overflow_mode = 'break',
  max_execution_time = 1, timeout_overflow_mode = 'break',
  max_rows_to_group_by = 100000, group_by_overflow_mode = 'any';
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":[2],"p4":100}

-- a scope
SELECT referred AS value
FROM (
  SELECT scope_id, count() AS seen FROM spans_v3
  WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND has({p3:Array(UInt8)}, kind)
  GROUP BY scope_id
) AS records
INNER JOIN (
  SELECT DISTINCT scope_id, toString(name) AS referred FROM scopes_v3
  WHERE tenant_id = {tenant:UUID} AND name != '' AND 1
) AS owners USING (scope_id)
GROUP BY value ORDER BY sum(seen) DESC, value LIMIT {p4:UInt32}
SETTINGS max_rows_to_read = 1000000, read_overflow_mode = 'break',
  max_execution_time = 1, timeout_overflow_mode = 'break',
  max_rows_to_group_by = 100000, group_by_overflow_mode = 'any';
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":[2],"p4":100}

-- a label
SELECT toString(attributes[{p1:String}]) AS value
FROM series_v3
WHERE tenant_id = {tenant:UUID} AND last_seen >= fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND metric_name = {p3:String} AND attributes[{p1:String}] != '' AND 1
GROUP BY attributes[{p1:String}] ORDER BY count() DESC, value LIMIT {p4:UInt32}
SETTINGS max_rows_to_read = 1000000, read_overflow_mode = 'break',
  max_execution_time = 1, timeout_overflow_mode = 'break',
  max_rows_to_group_by = 100000, group_by_overflow_mode = 'any';
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"1773100800000000000","p3":"a.b","p4":100}
