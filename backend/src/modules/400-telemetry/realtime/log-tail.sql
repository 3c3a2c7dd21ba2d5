-- what came in, by second
SELECT
  toUnixTimestamp(now()) AS second,
  sumMap([toUnixTimestamp(ingested_at)], [toUInt64(1)]) AS counts,
  counts.1 AS seconds, arrayMap(records -> toUInt32(records), counts.2) AS records
FROM logs_v3
WHERE tenant_id = {tenant:UUID}
  AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND ingested_at >= toDateTime({p3:UInt32}, 'UTC')
  AND (((severity_number BETWEEN {p4:UInt8} AND {p5:UInt8}) OR (severity_number = 0 AND has({p6:Array(String)}, lower(severity_text)))) AND hasToken(lower(body), {p7:String}));
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773103500000000000","p2":"1773105300000000000","p3":1773104390,"p4":13,"p5":255,"p6":["warn","warning","error","err","fatal","critical","crit","alert","emergency","panic"],"p7":"timeout"}

-- records not yet sent
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
  dropped_attributes_count AS droppedAttributesCount,
  toUnixTimestamp(ingested_at) AS second
FROM logs_v3
WHERE tenant_id = {tenant:UUID}
  AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND ingested_at >= toDateTime({p3:UInt32}, 'UTC')
  AND (((severity_number BETWEEN {p4:UInt8} AND {p5:UInt8}) OR (severity_number = 0 AND has({p6:Array(String)}, lower(severity_text)))) AND hasToken(lower(body), {p7:String}))
  AND id NOT IN {p8:Array(UInt64)}
ORDER BY timestamp DESC, id DESC
LIMIT {p9:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773103500000000000","p2":"1773105300000000000","p3":1773104390,"p4":13,"p5":255,"p6":["warn","warning","error","err","fatal","critical","crit","alert","emergency","panic"],"p7":"timeout","p8":["7","9"],"p9":200}
