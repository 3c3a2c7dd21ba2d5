/**
 * The questions whose speed is promised: how a client asks the platform, and how somebody who knows the tables would ask the
 * store by hand. Both answer the same; what takes several statements by hand (a map has services, their calls and what they
 * call outside; names are those of spans and of resources) is asked side by side, as the platform does.
 */
import { RARE_WORD } from './dataset.mjs';

const HOUR_MS = 3_600_000;
const instant = (ms) => `fromUnixTimestamp64Milli(toInt64(${ms}), 'UTC')`;
const between = (from, to) => `timestamp >= ${instant(from)} AND timestamp < ${instant(to)}`;

/** `run` changes from one repetition to the next, so that the same records are not asked for twice where a person wouldn't. */
export function questions({ tenant, endMs, traceIds, users }) {
  const day = { from: endMs - 24 * HOUR_MS, to: endMs };
  const hour = { from: endMs - HOUR_MS, to: endMs };
  const own = `tenant_id = '${tenant}'`;
  const get = (path, query) => ({ path: `/api/v2/telemetry/${path}?${new URLSearchParams(query)}` });
  const post = (range, rest) => ({
    path: '/api/v2/telemetry/query',
    body: { range: { from: String(range.from), to: String(range.to) }, ...rest },
  });
  const spansOf = (range) => (run) =>
    get('spans', { from: range.from, to: range.to, limit: 100, filter: `user.id:${users[run % users.length]}` });
  const spansByHand = (range) => (run) =>
    `SELECT lower(hex(trace_id)), lower(hex(span_id)), timestamp, duration_ns, name, service_name, status_code, attributes FROM spans_v3
     WHERE ${own} AND ${between(range.from, range.to)} AND attributes['user.id'] = '${users[run % users.length]}' ORDER BY timestamp DESC LIMIT 100`;
  return [
    {
      name: 'trace by id, as its page opens',
      mustMs: 50,
      aimMs: 20,
      ask: (run) => get(`traces/${traceIds[run % traceIds.length]}/outline`, {}),
      byHand: (
        run,
      ) => `SELECT span_id, parent_span_id, name, kind, service_name, timestamp, duration_ns, status_code FROM spans_v3 WHERE ${own} AND trace_id = unhex('${traceIds[run % traceIds.length]}')
        AND timestamp >= (SELECT min(start_time) FROM traces_v3 WHERE ${own} AND trace_id = unhex('${traceIds[run % traceIds.length]}'))
        AND timestamp <= (SELECT max(end_time) FROM traces_v3 WHERE ${own} AND trace_id = unhex('${traceIds[run % traceIds.length]}'))`,
    },
    {
      name: 'trace by id, all of every span',
      mustMs: 50,
      aimMs: 20,
      ask: (run) => get(`traces/${traceIds[run % traceIds.length]}`, {}),
      byHand: (run) => `SELECT * FROM spans_v3 WHERE ${own} AND trace_id = unhex('${traceIds[run % traceIds.length]}')
        AND timestamp >= (SELECT min(start_time) FROM traces_v3 WHERE ${own} AND trace_id = unhex('${traceIds[run % traceIds.length]}'))
        AND timestamp <= (SELECT max(end_time) FROM traces_v3 WHERE ${own} AND trace_id = unhex('${traceIds[run % traceIds.length]}'))`,
    },
    {
      name: 'newest 100 logs with a rare word, 24 h',
      mustMs: 300,
      aimMs: 100,
      ask: () => get('logs', { from: day.from, to: day.to, limit: 100, filter: RARE_WORD }),
      byHand: () =>
        `SELECT * FROM logs_v3 WHERE ${own} AND ${between(day.from, day.to)} AND hasToken(lower(body), '${RARE_WORD}') ORDER BY timestamp DESC LIMIT 100`,
    },
    { name: 'spans by an attribute value, 1 h', mustMs: 150, aimMs: 60, ask: spansOf(hour), byHand: spansByHand(hour) },
    { name: 'spans by an attribute value, 24 h', mustMs: 300, aimMs: 150, ask: spansOf(day), byHand: spansByHand(day) },
    {
      name: 'p95 of duration by route, 24 h, 1 m',
      mustMs: 400,
      aimMs: 150,
      ask: () =>
        post(day, {
          step: '1m',
          queries: [
            {
              signal: 'spans',
              filter: 'kind:server',
              aggregations: [{ function: 'p95', field: 'duration' }],
              groupBy: ['http.route'],
              limit: 50,
            },
          ],
        }),
      byHand:
        () => `SELECT http_route AS route, toStartOfMinute(timestamp) AS minute, quantile(0.95)(duration_ns) FROM spans_v3
        WHERE ${own} AND ${between(day.from, day.to)} AND kind = 2 GROUP BY route, minute ORDER BY route, minute`,
    },
    {
      name: 'metric series by two labels, 24 h',
      mustMs: 150,
      aimMs: 50,
      ask: () =>
        post(day, {
          queries: [
            {
              signal: 'metrics',
              metric: 'process.memory.usage.1',
              aggregations: [{ function: 'avg' }],
              groupBy: ['http.route', 'http.response.status_code'],
              limit: 100,
            },
          ],
        }),
      byHand: () => `SELECT labels, time, sum(total) / sum(points) FROM (
          SELECT series_id, toStartOfInterval(timestamp, INTERVAL 10 MINUTE) AS time, sum(value) AS total, count() AS points FROM metrics_v3
          WHERE ${own} AND metric_name = 'process.memory.usage.1' AND ${between(day.from, day.to)} GROUP BY series_id, time) AS points
        INNER JOIN (SELECT series_id, (attributes['http.route'], attributes['http.response.status_code']) AS labels FROM series_v3
          WHERE ${own} AND metric_name = 'process.memory.usage.1') AS series USING (series_id)
        GROUP BY labels, time ORDER BY labels, time`,
    },
    {
      name: 'service map, 1 h',
      mustMs: 300,
      aimMs: 100,
      ask: () => get('service-map', { from: hour.from, to: hour.to }),
      byHand: () => [
        `SELECT parent.service_name, child.service_name, count(), countIf(child.status_code = 2), quantile(0.95)(child.duration_ns)
        FROM (SELECT trace_id, parent_span_id, service_name, status_code, duration_ns FROM spans_v3 WHERE ${own} AND ${between(hour.from, hour.to)} AND kind IN (2, 5)) AS child
        INNER JOIN (SELECT trace_id, span_id, service_name FROM spans_v3 WHERE ${own} AND ${between(hour.from, hour.to)} AND kind IN (3, 4, 2)) AS parent
          ON child.trace_id = parent.trace_id AND child.parent_span_id = parent.span_id
        WHERE parent.service_name != child.service_name GROUP BY 1, 2`,
        `SELECT service_name, attributes['db.system.name'] AS system, if(system = '', attributes['server.address'], attributes['db.namespace']) AS peer,
          count(), countIf(status_code = 2), quantile(0.95)(duration_ns)
        FROM spans_v3 WHERE ${own} AND ${between(hour.from, hour.to)} AND kind IN (3, 4)
          AND (trace_id, span_id) NOT IN (SELECT trace_id, parent_span_id FROM spans_v3 WHERE ${own} AND ${between(hour.from, hour.to)} AND kind IN (2, 5))
        GROUP BY 1, 2, 3`,
        `SELECT service_name, count(), countIf(status_code = 2), quantile(0.95)(duration_ns) FROM spans_v3
        WHERE ${own} AND ${between(hour.from, hour.to)} AND kind IN (2, 5) GROUP BY 1`,
      ],
    },
    {
      name: 'completion of fields',
      mustMs: 100,
      aimMs: 30,
      ask: () => get('fields', { signal: 'spans', search: 'http' }),
      byHand: () => [
        `SELECT key, sum(seen) AS n FROM attribute_values_v3 WHERE ${own} AND signal = 'spans' AND value = '' AND key ILIKE '%http%' GROUP BY key ORDER BY n DESC LIMIT 200`,
        `SELECT arrayJoin(mapKeys(attributes)) AS key, count() AS n FROM resources_v3 WHERE ${own} AND key ILIKE '%http%' GROUP BY key ORDER BY n DESC LIMIT 200`,
      ],
    },
    {
      name: 'completion of values',
      mustMs: 100,
      aimMs: 30,
      ask: () => get('fields/values', { signal: 'spans', field: 'http.route', search: '' }),
      byHand: () => [
        `SELECT value, sum(seen) AS n FROM attribute_values_v3 WHERE ${own} AND signal = 'spans' AND key = 'http.route' AND value != '' GROUP BY value ORDER BY n DESC LIMIT 100`,
        `SELECT attributes['http.route'] AS value, count() AS n FROM resources_v3 WHERE ${own} AND value != '' GROUP BY value ORDER BY n DESC LIMIT 100`,
      ],
    },
    {
      name: 'completion of values within a filter, 1 h',
      mustMs: 100,
      aimMs: 30,
      ask: () =>
        get('fields/values', {
          signal: 'spans',
          field: 'http.request.method',
          filter: 'kind:server',
          from: hour.from,
          to: hour.to,
        }),
      byHand: () =>
        `SELECT attributes['http.request.method'] AS value, count() AS n FROM spans_v3 WHERE ${own} AND ${between(hour.from, hour.to)} AND kind = 2 AND value != '' GROUP BY value ORDER BY n DESC LIMIT 100`,
    },
  ];
}
