-- types of a metric
SELECT toString(metric_type) AS type, argMax(unit, last_seen) AS unit, uniqExact(series_id) AS series
FROM series_v3
WHERE tenant_id = {tenant:UUID} AND metric_name = {p1:String}
GROUP BY metric_type ORDER BY max(last_seen) DESC, metric_type;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.server.request.duration"}

-- metrics behind a name as Prometheus' exporters spell it
SELECT DISTINCT metric_name AS name
FROM series_v3
WHERE tenant_id = {tenant:UUID} AND startsWith({p1:String}, replaceRegexpAll(metric_name, '[^a-zA-Z0-9_:]', '_'))
ORDER BY length(name) DESC, name LIMIT 100;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http_server_requests_total"}

-- attribute keys of a metric
SELECT groupUniqArrayArray(1000)(mapKeys(attributes)) AS keys
FROM series_v3 WHERE tenant_id = {tenant:UUID} AND metric_name = {p1:String}
UNION ALL
SELECT groupUniqArrayArray(1000)(mapKeys(attributes)) AS keys
FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND resource_id IN (SELECT resource_id FROM series_v3 WHERE tenant_id = {tenant:UUID} AND metric_name = {p1:String});
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.server.request.duration"}

-- distance of samples
WITH chosen AS (
  SELECT series_id, temporality, CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND metric_type = {p4:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}) = 0, attributes[{p5:String}] = {p6:String}, (attributes[{p5:String}] = {p6:String} OR (NOT (attributes[{p5:String}] != '' OR has(empty_attributes, {p5:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}))))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
)
SELECT quantileExact(0.5)((newest - oldest) / (samples - 1) / 1000000) AS intervalMs
FROM (
  SELECT count() AS samples, toUnixTimestamp64Nano(min(timestamp)) AS oldest, toUnixTimestamp64Nano(max(timestamp)) AS newest
  FROM metrics_v3
  WHERE tenant_id = {tenant:UUID} AND metric_name = {p8:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p9:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p10:Int64}, 'UTC')
  GROUP BY series_id HAVING samples > 1
)
HAVING count() > 0;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"counter","p5":"http.route","p6":"/cart","p7":"/cart","p8":"http.server.request.duration","p9":"1773100800000000000","p10":"1773104400000000000"}

-- rate of a counter by minute
WITH chosen AS (
  SELECT series_id, temporality, CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND metric_type = {p4:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}) = 0, attributes[{p5:String}] = {p6:String}, (attributes[{p5:String}] = {p6:String} OR (NOT (attributes[{p5:String}] != '' OR has(empty_attributes, {p5:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}))))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
)
SELECT labels, totals, steps, values, intervalMs, count() OVER () AS groups
FROM (
  SELECT labels, anyIf(row, slot = -1) AS totals,
    groupArrayIf(slot, slot >= 0) AS steps, groupArrayIf(row, slot >= 0) AS values,
    anyIf(interval, slot = -1) AS intervalMs
  FROM (
    SELECT labels, at AS slot, [toNullable(toFloat64(sumOrNullIf(if(temporality = 'delta', total, grown), 1)))] AS row, quantileExactIf(0.5)(gap / gaps, gaps > 0) AS interval
    FROM (
      SELECT series_id, arrayJoin([-1, step]) AS at, sum(part_total) AS total, sum(part_grown) AS grown, sum(part_changed) AS changed, sum(part_gap) AS gap, sum(part_gaps) AS gaps
      FROM (
        SELECT series_id, toInt32(intDiv(toUnixTimestamp64Milli(timestamp) - {p9:Int64}, {p10:Int64})) AS step,
          multiIf(isNull(previous), if(start_timestamp >= fromUnixTimestamp64Nano({p8:Int64}, 'UTC'), value, 0), (value < previous OR start_timestamp >= previous_at), value, value - assumeNotNull(previous)) AS part_grown,
          if(isNull(previous), 0, value - assumeNotNull(previous)) AS part_changed,
          if(isNull(previous), 0, toUnixTimestamp64Nano(timestamp) - toUnixTimestamp64Nano(previous_at)) / 1000000 AS part_gap,
          isNotNull(previous) AS part_gaps, value AS part_total, part_grown, part_changed, part_gap, part_gaps
        FROM (
          SELECT series_id, timestamp, start_timestamp, value,
            lagInFrame(toNullable(value)) OVER series AS previous,
            lagInFrame(timestamp) OVER series AS previous_at
          FROM metrics_v3
          WHERE tenant_id = {tenant:UUID} AND metric_name = {p11:String} AND series_id IN (SELECT series_id FROM chosen)
            AND timestamp >= fromUnixTimestamp64Nano({p12:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p13:Int64}, 'UTC')
            AND value_kind != 'none'
          WINDOW series AS (PARTITION BY series_id ORDER BY timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        )
        WHERE timestamp >= fromUnixTimestamp64Nano({p8:Int64}, 'UTC')
      )
      GROUP BY series_id, at
    ) AS points
    INNER JOIN chosen USING (series_id)
    GROUP BY labels, slot
  )
  GROUP BY labels
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p14:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"counter","p5":"http.route","p6":"/cart","p7":"/cart","p8":"1773100800000000000","p9":1773100800000,"p10":60000,"p11":"http.server.request.duration","p12":"1773100200000000000","p13":"1773104400000000000","p14":20}

-- rate of a counter, all and failed, over the range
WITH chosen AS (
  SELECT series_id, temporality, CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels, w0
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes, if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p3:String}], nan) >= {p5:Float64}) = 0, toFloat64OrDefault(attributes[{p3:String}], nan) >= {p4:Float64}, (toFloat64OrDefault(attributes[{p3:String}], nan) >= {p4:Float64} OR (NOT (attributes[{p3:String}] != '' OR has(empty_attributes, {p3:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND toFloat64OrDefault(attributes[{p3:String}], nan) >= {p5:Float64})))) AS w0
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p6:String}
      AND metric_type = {p7:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p8:String}] = {p10:String}) = 0, attributes[{p8:String}] = {p9:String}, (attributes[{p8:String}] = {p9:String} OR (NOT (attributes[{p8:String}] != '' OR has(empty_attributes, {p8:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p8:String}] = {p10:String}))))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
)
SELECT labels, totals, steps, values, intervalMs, count() OVER () AS groups
FROM (
  SELECT labels, anyIf(row, slot = -1) AS totals,
    groupArrayIf(slot, slot >= 0) AS steps, groupArrayIf(row, slot >= 0) AS values,
    anyIf(interval, slot = -1) AS intervalMs
  FROM (
    SELECT labels, at AS slot, [toNullable(toFloat64(sumOrNullIf(if(temporality = 'delta', total, grown), 1))), toNullable(toFloat64(sumOrNullIf(if(temporality = 'delta', total, grown), w0)))] AS row, quantileExactIf(0.5)(gap / gaps, gaps > 0) AS interval
    FROM (
      SELECT series_id, -1 AS at, sum(part_total) AS total, sum(part_grown) AS grown, sum(part_changed) AS changed, sum(part_gap) AS gap, sum(part_gaps) AS gaps
      FROM (
        SELECT series_id,
          multiIf(isNull(previous), if(start_timestamp >= fromUnixTimestamp64Nano({p11:Int64}, 'UTC'), value, 0), (value < previous OR start_timestamp >= previous_at), value, value - assumeNotNull(previous)) AS part_grown,
          if(isNull(previous), 0, value - assumeNotNull(previous)) AS part_changed,
          if(isNull(previous), 0, toUnixTimestamp64Nano(timestamp) - toUnixTimestamp64Nano(previous_at)) / 1000000 AS part_gap,
          isNotNull(previous) AS part_gaps, value AS part_total, part_grown, part_changed, part_gap, part_gaps
        FROM (
          SELECT series_id, timestamp, start_timestamp, value,
            lagInFrame(toNullable(value)) OVER series AS previous,
            lagInFrame(timestamp) OVER series AS previous_at
          FROM metrics_v3
          WHERE tenant_id = {tenant:UUID} AND metric_name = {p12:String} AND series_id IN (SELECT series_id FROM chosen)
            AND timestamp >= fromUnixTimestamp64Nano({p13:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p14:Int64}, 'UTC')
            AND value_kind != 'none'
          WINDOW series AS (PARTITION BY series_id ORDER BY timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        )
        WHERE timestamp >= fromUnixTimestamp64Nano({p11:Int64}, 'UTC')
      )
      GROUP BY series_id, at
    ) AS points
    INNER JOIN chosen USING (series_id)
    GROUP BY labels, slot
  )
  GROUP BY labels
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p15:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.response.status_code","p4":500,"p5":500,"p6":"http.server.request.duration","p7":"counter","p8":"http.route","p9":"/cart","p10":"/cart","p11":"1773100800000000000","p12":"http.server.request.duration","p13":"1773100200000000000","p14":"1773104400000000000","p15":20}

-- average and percentile of a gauge by minute
WITH chosen AS (
  SELECT series_id, temporality, CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND metric_type = {p4:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}) = 0, attributes[{p5:String}] = {p6:String}, (attributes[{p5:String}] = {p6:String} OR (NOT (attributes[{p5:String}] != '' OR has(empty_attributes, {p5:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}))))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
)
SELECT labels, totals, steps, values, intervalMs, count() OVER () AS groups
FROM (
  SELECT labels, anyIf(row, slot = -1) AS totals,
    groupArrayIf(slot, slot >= 0) AS steps, groupArrayIf(row, slot >= 0) AS values,
    NULL AS intervalMs
  FROM (
    SELECT labels, arrayJoin([-1, at]) AS slot, [toNullable(toFloat64(sumOrNullIf(total, 1) / sumOrNullIf(points, 1))), toNullable(toFloat64(quantileExactInclusiveMergeIf(0.95)(value1, 1)))] AS row, NULL AS interval
    FROM (
      SELECT series_id, step AS at, sum(part_total) AS total, sum(part_points) AS points, quantileExactInclusiveState(0.95)(part_value) AS value1
      FROM (
        SELECT series_id, toInt32(intDiv(toUnixTimestamp64Milli(timestamp) - {p8:Int64}, {p9:Int64})) AS step, value AS part_total, toUInt64(1) AS part_points, value AS part_value
        FROM metrics_v3
        WHERE tenant_id = {tenant:UUID} AND metric_name = {p10:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p11:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p12:Int64}, 'UTC') AND value_kind != 'none'
      )
      GROUP BY series_id, at
    ) AS points
    INNER JOIN chosen USING (series_id)
    GROUP BY labels, slot
  )
  GROUP BY labels
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p13:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"gauge","p5":"http.route","p6":"/cart","p7":"/cart","p8":1773100800000,"p9":60000,"p10":"http.server.request.duration","p11":"1773100800000000000","p12":"1773104400000000000","p13":20}

-- average of all series of a gauge by minute
WITH chosen AS (
  SELECT series_id, temporality, CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND metric_type = {p4:String} AND 1
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
)
SELECT labels, totals, steps, values, intervalMs, count() OVER () AS groups
FROM (
  SELECT labels, anyIf(row, slot = -1) AS totals,
    groupArrayIf(slot, slot >= 0) AS steps, groupArrayIf(row, slot >= 0) AS values,
    NULL AS intervalMs
  FROM (
    SELECT labels, arrayJoin([-1, at]) AS slot, [toNullable(toFloat64(sumOrNullIf(total, 1) / sumOrNullIf(points, 1)))] AS row, NULL AS interval
    FROM (
      SELECT series_id, step AS at, sum(part_total) AS total, sum(part_points) AS points
      FROM (
        SELECT series_id, toInt32(intDiv(toUnixTimestamp64Milli(timestamp) - {p5:Int64}, {p6:Int64})) AS step, value AS part_total, toUInt64(1) AS part_points
        FROM metrics_v3
        WHERE tenant_id = {tenant:UUID} AND metric_name = {p7:String} AND timestamp >= fromUnixTimestamp64Nano({p8:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p9:Int64}, 'UTC') AND value_kind != 'none'
      )
      GROUP BY series_id, at
    ) AS points
    INNER JOIN chosen USING (series_id)
    GROUP BY labels, slot
  )
  GROUP BY labels
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p10:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"gauge","p5":1773100800000,"p6":60000,"p7":"http.server.request.duration","p8":"1773100800000000000","p9":"1773104400000000000","p10":20}

-- average of a gauge by hour, from the middle of one to the middle of another
WITH chosen AS (
  SELECT series_id, temporality, CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND metric_type = {p4:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}) = 0, attributes[{p5:String}] = {p6:String}, (attributes[{p5:String}] = {p6:String} OR (NOT (attributes[{p5:String}] != '' OR has(empty_attributes, {p5:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}))))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
)
SELECT labels, totals, steps, values, intervalMs, count() OVER () AS groups
FROM (
  SELECT labels, anyIf(row, slot = -1) AS totals,
    groupArrayIf(slot, slot >= 0) AS steps, groupArrayIf(row, slot >= 0) AS values,
    NULL AS intervalMs
  FROM (
    SELECT labels, arrayJoin([-1, at]) AS slot, [toNullable(toFloat64(sumOrNullIf(total, 1) / sumOrNullIf(points, 1)))] AS row, NULL AS interval
    FROM (
      SELECT series_id, step AS at, sum(part_total) AS total, sum(part_points) AS points
      FROM (
        SELECT series_id, toInt32(intDiv(toUnixTimestamp64Milli(timestamp) - {p8:Int64}, {p9:Int64})) AS step, value AS part_total, toUInt64(1) AS part_points
        FROM metrics_v3
        WHERE tenant_id = {tenant:UUID} AND metric_name = {p10:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p11:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p12:Int64}, 'UTC') AND value_kind != 'none'
        UNION ALL
        SELECT series_id, toInt32(intDiv(toUnixTimestamp64Milli(toDateTime64(hour, 9, 'UTC')) - {p13:Int64}, {p14:Int64})) AS step, sum(sum_value) AS part_total, sum(count) AS part_points
        FROM metrics_v3_hourly
        WHERE tenant_id = {tenant:UUID} AND metric_name = {p15:String} AND series_id IN (SELECT series_id FROM chosen)
          AND hour >= toDateTime(fromUnixTimestamp64Nano({p16:Int64}, 'UTC')) AND hour < toDateTime(fromUnixTimestamp64Nano({p17:Int64}, 'UTC'))
        GROUP BY series_id, hour
        UNION ALL
        SELECT series_id, toInt32(intDiv(toUnixTimestamp64Milli(timestamp) - {p18:Int64}, {p19:Int64})) AS step, value AS part_total, toUInt64(1) AS part_points
        FROM metrics_v3
        WHERE tenant_id = {tenant:UUID} AND metric_name = {p20:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p21:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p22:Int64}, 'UTC') AND value_kind != 'none'
      )
      GROUP BY series_id, at
    ) AS points
    INNER JOIN chosen USING (series_id)
    GROUP BY labels, slot
  )
  GROUP BY labels
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p23:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"gauge","p5":"http.route","p6":"/cart","p7":"/cart","p8":1773100800000,"p9":3600000,"p10":"http.server.request.duration","p11":"1773102600000000000","p12":"1773104400000000000","p13":1773100800000,"p14":3600000,"p15":"http.server.request.duration","p16":"1773104400000000000","p17":"1773133200000000000","p18":1773100800000,"p19":3600000,"p20":"http.server.request.duration","p21":"1773133200000000000","p22":"1773135000000000000","p23":20}

-- sum of a counter by day
WITH chosen AS (
  SELECT series_id, temporality, CAST([], 'Array(String)') AS labels
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p1:String}
      AND metric_type = {p2:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p3:String}] = {p5:String}) = 0, attributes[{p3:String}] = {p4:String}, (attributes[{p3:String}] = {p4:String} OR (NOT (attributes[{p3:String}] != '' OR has(empty_attributes, {p3:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p3:String}] = {p5:String}))))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
)
SELECT labels, totals, steps, values, intervalMs, count() OVER () AS groups
FROM (
  SELECT labels, anyIf(row, slot = -1) AS totals,
    groupArrayIf(slot, slot >= 0) AS steps, groupArrayIf(row, slot >= 0) AS values,
    NULL AS intervalMs
  FROM (
    SELECT labels, at AS slot, [toNullable(toFloat64(sumOrNullIf(if(temporality = 'delta', total, latest), 1)))] AS row, NULL AS interval
    FROM (
      SELECT series_id, arrayJoin([-1, step]) AS at, sum(part_total) AS total, argMax(part_latest, part_latest_at) AS latest, max(part_latest_at) AS latest_at
      FROM (
        SELECT series_id, toInt32(intDiv(toUnixTimestamp64Milli(toDateTime64(day, 9, 'UTC')) - {p6:Int64}, {p7:Int64})) AS step, sum(sum_value) AS part_total, argMaxMerge(last_value) AS part_latest, toDateTime64(day, 9, 'UTC') AS part_latest_at
        FROM metrics_v3_daily
        WHERE tenant_id = {tenant:UUID} AND metric_name = {p8:String} AND series_id IN (SELECT series_id FROM chosen)
          AND day >= toDate(fromUnixTimestamp64Nano({p9:Int64}, 'UTC')) AND day < toDate(fromUnixTimestamp64Nano({p10:Int64}, 'UTC'))
        GROUP BY series_id, day
      )
      GROUP BY series_id, at
    ) AS points
    INNER JOIN chosen USING (series_id)
    GROUP BY labels, slot
  )
  GROUP BY labels
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p11:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.server.request.duration","p2":"counter","p3":"http.route","p4":"/cart","p5":"/cart","p6":1773100800000,"p7":86400000,"p8":"http.server.request.duration","p9":"1773100800000000000","p10":"1773705600000000000","p11":20}

-- given groups of a gauge across a change of the clock
WITH chosen AS (
  SELECT series_id, temporality, CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p4:String}
      AND metric_type = {p5:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p6:String}] = {p8:String}) = 0, attributes[{p6:String}] = {p7:String}, (attributes[{p6:String}] = {p7:String} OR (NOT (attributes[{p6:String}] != '' OR has(empty_attributes, {p6:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p6:String}] = {p8:String}))))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
  WHERE has({p3:Array(Array(String))}, labels)
)
SELECT labels, totals, steps, values, intervalMs, count() OVER () AS groups
FROM (
  SELECT labels, anyIf(row, slot = -1) AS totals,
    groupArrayIf(slot, slot >= 0) AS steps, groupArrayIf(row, slot >= 0) AS values,
    NULL AS intervalMs
  FROM (
    SELECT labels, arrayJoin([-1, at]) AS slot, [toNullable(toFloat64(maxOrNullIf(highest, 1)))] AS row, NULL AS interval
    FROM (
      SELECT series_id, step AS at, max(part_highest) AS highest
      FROM (
        SELECT series_id, toInt32(arrayCount(start -> start <= toUnixTimestamp64Milli(toDateTime64(hour, 9, 'UTC')), {p9:Array(Int64)})) - 1 AS step, max(max_value) AS part_highest
        FROM metrics_v3_hourly
        WHERE tenant_id = {tenant:UUID} AND metric_name = {p10:String} AND series_id IN (SELECT series_id FROM chosen)
          AND hour >= toDateTime(fromUnixTimestamp64Nano({p11:Int64}, 'UTC')) AND hour < toDateTime(fromUnixTimestamp64Nano({p12:Int64}, 'UTC'))
        GROUP BY series_id, hour
      )
      GROUP BY series_id, at
    ) AS points
    INNER JOIN chosen USING (series_id)
    GROUP BY labels, slot
  )
  GROUP BY labels
)
ORDER BY totals[1] DESC NULLS LAST, labels
LIMIT {p13:UInt32};
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":[["checkout","/pay","web-1"]],"p4":"http.server.request.duration","p5":"gauge","p6":"http.route","p7":"/cart","p8":"/cart","p9":[1773097200000,1773180000000],"p10":"http.server.request.duration","p11":"1773100800000000000","p12":"1773273600000000000","p13":20}

-- heatmap of a gauge
WITH chosen AS (
  SELECT series_id, temporality, CAST([toString(service_name), if(mapContains(attributes, {p5:String}), attributes[{p5:String}], resource_attributes[{p5:String}]), resource_attributes[{p6:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p7:String}
      AND metric_type = {p8:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p9:String}] = {p11:String}) = 0, attributes[{p9:String}] = {p10:String}, (attributes[{p9:String}] = {p10:String} OR (NOT (attributes[{p9:String}] != '' OR has(empty_attributes, {p9:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p9:String}] = {p11:String}))))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
)
SELECT labels, step, sumForEach(counted) AS counts
FROM (
  SELECT series_id, step,
    arrayMap(bucket -> countEqual(found, bucket), range({p4:UInt32})) AS counted
  FROM (
    SELECT series_id, toInt32(intDiv(toUnixTimestamp64Milli(timestamp) - {p2:Int64}, {p3:Int64})) AS step, groupArray(toUInt32(arrayCount(edge -> edge < value, {p1:Array(Float64)}))) AS found
    FROM metrics_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p12:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p13:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p14:Int64}, 'UTC')
      AND value_kind != 'none' AND isFinite(value)
    GROUP BY series_id, step
  )
) AS points
INNER JOIN chosen USING (series_id)
GROUP BY labels, step ORDER BY labels, step;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":[1,2],"p2":1773100800000,"p3":60000,"p4":3,"p5":"http.route","p6":"host.name","p7":"http.server.request.duration","p8":"gauge","p9":"http.route","p10":"/cart","p11":"/cart","p12":"http.server.request.duration","p13":"1773100800000000000","p14":"1773104400000000000"}

-- percentile of a histogram
WITH chosen AS (
  SELECT series_id, temporality, CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND metric_type = {p4:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}) = 0, attributes[{p5:String}] = {p6:String}, (attributes[{p5:String}] = {p6:String} OR (NOT (attributes[{p5:String}] != '' OR has(empty_attributes, {p5:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}))))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
)
SELECT labels, step, explicit_bounds AS bounds, sum(count) AS countNow, sumIf(previous_count, continued) AS countBefore,
  sum(sum) AS sumNow, sumIf(previous_sum, continued) AS sumBefore,
  min(min) AS lowest, max(max) AS highest,
  sumForEachIf(bucket_counts, counted) AS bucketsNow,
  sumForEachIf(previous_buckets, continued) AS bucketsBefore
FROM (
  SELECT *, temporality != 'delta' AND follows AND count >= previous_count AND start_timestamp < previous_at
      AND explicit_bounds = previous_bounds AS continued,
    timestamp >= fromUnixTimestamp64Nano({p8:Int64}, 'UTC') AND (temporality = 'delta' OR follows OR start_timestamp >= fromUnixTimestamp64Nano({p8:Int64}, 'UTC')) AS counted
  FROM (
    SELECT series_id, toInt32(intDiv(toUnixTimestamp64Milli(timestamp) - {p9:Int64}, {p10:Int64})) AS step, timestamp, start_timestamp,
      count, sum, min, max,
      row_number() OVER (PARTITION BY series_id ORDER BY timestamp) > 1 AS follows,
      lagInFrame(timestamp) OVER series AS previous_at,
      lagInFrame(count) OVER series AS previous_count,
      lagInFrame(sum) OVER series AS previous_sum, explicit_bounds, bucket_counts,
      lagInFrame(explicit_bounds) OVER series AS previous_bounds,
      lagInFrame(bucket_counts) OVER series AS previous_buckets
    FROM histograms_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p11:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p12:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p13:Int64}, 'UTC') AND bitAnd(flags, 1) = 0
    WINDOW series AS (PARTITION BY series_id ORDER BY timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  ) AS points
  INNER JOIN chosen USING (series_id)
)
WHERE counted
GROUP BY labels, step, bounds ORDER BY labels, step, bounds;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"histogram","p5":"http.route","p6":"/cart","p7":"/cart","p8":"1773100800000000000","p9":1773100800000,"p10":60000,"p11":"http.server.request.duration","p12":"1773100200000000000","p13":"1773104400000000000"}

-- percentile of an exponential histogram
WITH chosen AS (
  SELECT series_id, temporality, CAST([toString(service_name), if(mapContains(attributes, {p1:String}), attributes[{p1:String}], resource_attributes[{p1:String}]), resource_attributes[{p2:String}]], 'Array(String)') AS labels
  FROM (
    SELECT series_id, temporality, metric_name, unit, resource_id, scope_id, service_name, attributes
    FROM series_v3
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p3:String}
      AND metric_type = {p4:String} AND if((SELECT count() FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}) = 0, attributes[{p5:String}] = {p6:String}, (attributes[{p5:String}] = {p6:String} OR (NOT (attributes[{p5:String}] != '' OR has(empty_attributes, {p5:String})) AND resource_id IN (SELECT resource_id FROM resources_v3 WHERE tenant_id = {tenant:UUID} AND attributes[{p5:String}] = {p7:String}))))
    ORDER BY last_seen DESC LIMIT 1 BY series_id
  ) AS series
  ANY LEFT JOIN (
    SELECT resource_id, attributes AS resource_attributes FROM resources_v3 WHERE tenant_id = {tenant:UUID}
  ) AS resources USING (resource_id)
),
(SELECT min(scale) FROM histograms_v3
  WHERE tenant_id = {tenant:UUID} AND metric_name = {p8:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p9:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p10:Int64}, 'UTC')) AS coarsest
SELECT labels, step, coarsest AS scale, sum(count) AS countNow, sumIf(previous_count, continued) AS countBefore,
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
    timestamp >= fromUnixTimestamp64Nano({p11:Int64}, 'UTC') AND (temporality = 'delta' OR follows OR start_timestamp >= fromUnixTimestamp64Nano({p11:Int64}, 'UTC')) AS counted
  FROM (
    SELECT series_id, 0 AS step, timestamp, start_timestamp,
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
    WHERE tenant_id = {tenant:UUID} AND metric_name = {p12:String} AND series_id IN (SELECT series_id FROM chosen) AND timestamp >= fromUnixTimestamp64Nano({p13:Int64}, 'UTC') AND timestamp < fromUnixTimestamp64Nano({p14:Int64}, 'UTC') AND bitAnd(flags, 1) = 0
    WINDOW series AS (PARTITION BY series_id ORDER BY timestamp ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  ) AS points
  INNER JOIN chosen USING (series_id)
)
WHERE counted
GROUP BY labels, step ORDER BY labels, step;
-- {"tenant":"019a0000-0000-7000-8000-000000000001","p1":"http.route","p2":"host.name","p3":"http.server.request.duration","p4":"exponential_histogram","p5":"http.route","p6":"/cart","p7":"/cart","p8":"http.server.request.duration","p9":"1773100200000000000","p10":"1773104400000000000","p11":"1773100800000000000","p12":"http.server.request.duration","p13":"1773100200000000000","p14":"1773104400000000000"}
