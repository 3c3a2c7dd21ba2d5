-- spans of the range, and keys that name peers
SELECT (
  SELECT sum(records) FROM services_v3
  WHERE tenant_id = {tenant:UUID} AND signal = 'spans' AND hour >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND hour < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
) AS spans, (
  SELECT groupUniqArray(key) FROM attribute_values_v3
  WHERE tenant_id = {tenant:UUID} AND signal = 'spans' AND key IN {p3:Array(String)} AND value = ''
    AND day >= toDate(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) - 1
) AS keys;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":["db.system.name","db.system","db.namespace","db.name","server.address","net.peer.name","messaging.system","messaging.destination.name","messaging.destination","peer.service","server.address","net.peer.name","url.full","http.url"]}

-- calls between services
SELECT
  caller.service_name AS source,
  called.service_name AS target,
  count() AS calls,
  countIf(caller.status_code = 2 OR called.status_code = 2) AS errors,
  toString(toUInt64(round(quantileTDigest(0.95)(if(caller.kind = 3, caller.duration_ns, called.duration_ns))))) AS p95Ns
FROM (
  SELECT cityHash64(trace_id, span_id) AS id, service_name, kind, status_code, duration_ns
  FROM spans_v3 WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
) AS caller
INNER JOIN (
  SELECT cityHash64(trace_id, parent_span_id) AS id, service_name, status_code, duration_ns
  FROM spans_v3 WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p4:Int64}, 'UTC')
    AND kind IN (2, 5) AND parent_span_id != unhex('0000000000000000')
) AS called ON caller.id = called.id
WHERE caller.service_name != called.service_name
GROUP BY source, target ORDER BY calls DESC, source, target LIMIT {p5:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":"1773100795000000000","p4":"1773104460000000000","p5":2001}

-- calls between services, of a sample
SELECT
  caller.service_name AS source,
  called.service_name AS target,
  count() AS calls,
  countIf(caller.status_code = 2 OR called.status_code = 2) AS errors,
  toString(toUInt64(round(quantileTDigest(0.95)(if(caller.kind = 3, caller.duration_ns, called.duration_ns))))) AS p95Ns
FROM (
  SELECT cityHash64(trace_id, span_id) AS id, service_name, kind, status_code, duration_ns
  FROM spans_v3 WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND cityHash64(trace_id) % {p1:UInt32} = 0
) AS caller
INNER JOIN (
  SELECT cityHash64(trace_id, parent_span_id) AS id, service_name, status_code, duration_ns
  FROM spans_v3 WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p5:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p4:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p5:Int64}, 'UTC')
    AND kind IN (2, 5) AND parent_span_id != unhex('0000000000000000') AND cityHash64(trace_id) % {p1:UInt32} = 0
) AS called ON caller.id = called.id
WHERE caller.service_name != called.service_name
GROUP BY source, target ORDER BY calls DESC, source, target LIMIT {p6:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":5,"p2":"1773100800000000000","p3":"1773104400000000000","p4":"1773100795000000000","p5":"1773104460000000000","p6":2001}

-- calls to what is no service
WITH attributes[{p5:String}] AS peer_1, attributes[{p6:String}] AS peer_2, attributes[{p7:String}] AS peer_3, attributes[{p8:String}] AS peer_4, attributes[{p9:String}] AS peer_5
SELECT
  service_name AS service,
  kind = 5 AS isTaking,
  multiIf(peer_1 != '', tuple('database', toString(peer_1), substringUTF8(toString(if(if(peer_2 != '', peer_2, peer_3) = '', peer_1, if(peer_2 != '', peer_2, peer_3))), 1, 200)), peer_4 != '', tuple('queue', toString(peer_4), substringUTF8(toString(if(peer_5 = '', peer_4, peer_5)), 1, 200)), tuple('external', toString(''), substringUTF8(toString(peer_3), 1, 200))) AS peer,
  if(peer.1 = 'external' AND peer.3 IN (SELECT toString(service_name) FROM services_v3
    WHERE tenant_id = {tenant:UUID} AND signal = 'spans' AND hour >= toStartOfHour(fromUnixTimestamp64Nano({p10:Int64}, 'UTC')) AND hour < fromUnixTimestamp64Nano({p11:Int64}, 'UTC')), 'service', peer.1) AS peerKind,
  peer.2 AS system,
  peer.3 AS name,
  count() AS calls,
  countIf(status_code = 2) AS errors,
  toString(toUInt64(round(quantileTDigest(0.95)(duration_ns)))) AS p95Ns
FROM spans_v3 PREWHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND (kind IN (3, 4) AND cityHash64(trace_id, span_id) NOT IN (SELECT cityHash64(trace_id, parent_span_id) FROM spans_v3 WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p4:Int64}, 'UTC') AND kind IN (2, 5) AND parent_span_id != unhex('0000000000000000')) OR kind = 5 AND cityHash64(trace_id, parent_span_id) NOT IN (SELECT cityHash64(trace_id, span_id) FROM spans_v3 WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p4:Int64}, 'UTC') AND kind = 4))
GROUP BY service, isTaking, peer
ORDER BY calls DESC, service, name LIMIT {p12:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":"1773100795000000000","p4":"1773104460000000000","p5":"db.system.name","p6":"db.namespace","p7":"server.address","p8":"messaging.system","p9":"messaging.destination.name","p10":"1773100800000000000","p11":"1773104400000000000","p12":2001}

-- calls to what is no service, of hosts alone
WITH attributes[{p5:String}] AS peer_1, domain(attributes[{p6:String}]) AS peer_2
SELECT
  service_name AS service,
  kind = 5 AS isTaking,
  tuple('external', toString(''), substringUTF8(toString(if(peer_1 != '', peer_1, peer_2)), 1, 200)) AS peer,
  if(peer.1 = 'external' AND peer.3 IN (SELECT toString(service_name) FROM services_v3
    WHERE tenant_id = {tenant:UUID} AND signal = 'spans' AND hour >= toStartOfHour(fromUnixTimestamp64Nano({p7:Int64}, 'UTC')) AND hour < fromUnixTimestamp64Nano({p8:Int64}, 'UTC')), 'service', peer.1) AS peerKind,
  peer.2 AS system,
  peer.3 AS name,
  count() AS calls,
  countIf(status_code = 2) AS errors,
  toString(toUInt64(round(quantileTDigest(0.95)(duration_ns)))) AS p95Ns
FROM spans_v3 PREWHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p1:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND (kind IN (3, 4) AND cityHash64(trace_id, span_id) NOT IN (SELECT cityHash64(trace_id, parent_span_id) FROM spans_v3 WHERE tenant_id = {tenant:UUID} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p4:Int64}, 'UTC') AND kind IN (2, 5) AND parent_span_id != unhex('0000000000000000')))
GROUP BY service, isTaking, peer
ORDER BY calls DESC, service, name LIMIT {p9:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773100800000000000","p2":"1773104400000000000","p3":"1773100795000000000","p4":"1773104460000000000","p5":"server.address","p6":"url.full","p7":"1773100800000000000","p8":"1773104400000000000","p9":2001}

-- errors of a service
SELECT
  lower(hex(sipHash64(type, pattern, frames))) AS fingerprint,
  type, pattern AS message,
  count() AS occurrences,
  toUnixTimestamp64Milli(min(timestamp)) AS firstMs,
  toUnixTimestamp64Milli(max(timestamp)) AS lastMs,
  topK(5)(toString(name)) AS operations,
  sumMap([step], [toUInt64(1)]) AS steps,
  argMax(tuple(lower(hex(trace_id)), lower(hex(span_id)), said, stack), timestamp) AS sample
FROM (
  SELECT timestamp, trace_id, span_id, name,
    intDiv(toUnixTimestamp64Milli(timestamp), {p1:Int64}) * {p1:Int64} AS step,
    indexOf(`events.name`, 'exception') AS at,
    `events.attributes`[at] AS exception,
    if(exception[{p2:String}] != '', exception[{p3:String}], attributes[{p4:String}]) AS type,
    if(exception[{p5:String}] != '', exception[{p6:String}], status_message) AS said,
    substringUTF8(exception[{p7:String}], 1, 20000) AS stack,
    replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(substringUTF8(said, 1, 300), {p8:String}, {p9:String}), {p10:String}, {p11:String}), {p12:String}, {p13:String}), {p14:String}, {p15:String}) AS pattern,
    arrayMap(frame -> replaceRegexpAll(frame, '[0-9]+', ''), arraySlice(extractAll(stack, {p16:String}), 1, 3)) AS frames
  FROM spans_v3
  WHERE tenant_id = {tenant:UUID} AND service_name = {p17:String}
    AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p18:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p19:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p18:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p19:Int64}, 'UTC') AND status_code = 2
)
GROUP BY type, pattern, frames
ORDER BY occurrences DESC, lastMs DESC, fingerprint LIMIT {p20:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":120000,"p2":"exception.type","p3":"exception.type","p4":"error.type","p5":"exception.message","p6":"exception.message","p7":"exception.stacktrace","p8":"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}","p9":"<id>","p10":"0x[0-9a-fA-F]+","p11":"<id>","p12":"\\b(?:[0-9]+[a-fA-F]|[a-fA-F]+[0-9])[0-9a-fA-F]{6,}\\b","p13":"<id>","p14":"[0-9]+(?:[.:][0-9]+)*","p15":"#","p16":"(?m)^\\s+(?:at |File \").*$","p17":"checkout","p18":"1773100800000000000","p19":"1773104400000000000","p20":101}

-- versions of a service
SELECT
  resource.version AS version,
  toString(toUnixTimestamp64Nano(min(timestamp))) AS firstNs,
  toUnixTimestamp64Milli(max(timestamp)) AS lastMs,
  uniqExact(resource.instance) AS instances,
  countIf(kind IN (2, 5) AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p3:Int64}, 'UTC')) AS requests,
  countIf(kind IN (2, 5) AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p3:Int64}, 'UTC') AND status_code = 2) AS errors,
  if(requests = 0, NULL, toString(toUInt64(round(quantileTDigestIf(0.95)(duration_ns, kind IN (2, 5) AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p2:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p3:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p2:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p3:Int64}, 'UTC')))))) AS p95Ns
FROM (
  SELECT timestamp, kind, status_code, duration_ns, resource_id FROM spans_v3
  WHERE tenant_id = {tenant:UUID} AND service_name = {p1:String} AND toStartOfHour(timestamp) >= toStartOfHour(fromUnixTimestamp64Nano({p4:Int64}, 'UTC')) AND toStartOfHour(timestamp) <= toStartOfHour(fromUnixTimestamp64Nano({p5:Int64}, 'UTC'))
  AND timestamp >= fromUnixTimestamp64Nano({p4:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p5:Int64}, 'UTC')
) AS span
LEFT JOIN (
  SELECT resource_id,
    any(attributes[{p6:String}]) AS version,
    any(concat(attributes[{p7:String}], ' ',
      attributes[{p8:String}], ' ', attributes[{p9:String}])) AS instance
  FROM resources_v3
  WHERE tenant_id = {tenant:UUID} AND service_name = {p1:String}
  GROUP BY resource_id
) AS resource ON span.resource_id = resource.resource_id
GROUP BY version
ORDER BY min(timestamp) DESC, version LIMIT 50;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"checkout","p2":"1773100800000000000","p3":"1773104400000000000","p4":"1773014400000000000","p5":"1773104400000000000","p6":"service.version","p7":"service.instance.id","p8":"host.name","p9":"process.pid"}

-- places of a service
SELECT [arraySort(groupUniqArrayIf(20)(attributes[{p1:String}], attributes[{p1:String}] != '')), arraySort(groupUniqArrayIf(20)(attributes[{p2:String}], attributes[{p2:String}] != '')), arraySort(groupUniqArrayIf(20)(attributes[{p3:String}], attributes[{p3:String}] != '')), arraySort(groupUniqArrayIf(20)(attributes[{p4:String}], attributes[{p4:String}] != ''))] AS places
FROM resources_v3
WHERE tenant_id = {tenant:UUID} AND service_name = {p5:String} AND last_seen >= fromUnixTimestamp({p6:Int64});
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"container.id","p2":"k8s.pod.name","p3":"k8s.node.name","p4":"host.name","p5":"checkout","p6":"1773097200"}

-- metrics of the places
SELECT name, type, unit, description, placeKey FROM (
SELECT metric_name AS name, toString(any(metric_type)) AS type, any(unit) AS unit, any(description) AS description, '' AS placeKey
FROM series_v3
WHERE tenant_id = {tenant:UUID} AND last_seen >= fromUnixTimestamp({p1:Int64}) AND service_name = {p2:String} AND match(metric_name, {p3:String})
GROUP BY metric_name
UNION ALL
SELECT metric_name, toString(any(metric_type)), any(unit), any(description), argMin(place, distance)
FROM series_v3 INNER JOIN (
    SELECT resource_id, {p4:String} AS place, 1 AS distance FROM resources_v3
      WHERE tenant_id = {tenant:UUID} AND has({p5:Array(String)}, attributes[{p4:String}])
    UNION ALL SELECT resource_id, {p6:String} AS place, 3 AS distance FROM resources_v3
      WHERE tenant_id = {tenant:UUID} AND has({p7:Array(String)}, attributes[{p6:String}])
  ) AS resource USING (resource_id)
WHERE tenant_id = {tenant:UUID} AND last_seen >= fromUnixTimestamp({p1:Int64}) AND match(metric_name, {p8:String})
GROUP BY metric_name
)
ORDER BY name, placeKey LIMIT 200;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"1773097200","p2":"checkout","p3":"^(process|nodejs|v8js|jvm|go|dotnet|cpython|ruby|php)[._]","p4":"k8s.pod.name","p5":["pod-1"],"p6":"host.name","p7":["web-1"],"p8":"^(container|k8s|system)[._]"}
