/**
 * A day of telemetry for three tenants, made inside the store from row numbers: the same rows every time, only moved to end
 * now. Ten spans are a trace through five services, with a database and a cache behind them; every second log record belongs
 * to a span; a metric has 200 series with a point every 15 s.
 */

const DAY_S = 86_400;
/** So much of everything is the first tenant's; the others share the rest. */
const SHARES = [0.8, 0.15, 0.05];
const SPANS_PER_TRACE = 10;
const SERIES_PER_METRIC = 200;
const POINT_INTERVAL_S = 15;
/** One statement inserts so many rows: about a large segment's. */
const BATCH = 250_000;
/** A word that stands in one of so many log records. */
export const RARE_EVERY = 200_000;
export const RARE_WORD = 'zebrafish';

/** What a span of a trace is: service (within its system), kind, parent's position, name, and what it talks to. */
const SHAPE = [
  { service: 'gateway', kind: 2, parent: -1 },
  { service: 'gateway', kind: 3, parent: 0 },
  { service: 'cart', kind: 2, parent: 1 },
  { service: 'cart', kind: 3, parent: 2, database: true },
  { service: 'gateway', kind: 3, parent: 0 },
  { service: 'checkout', kind: 2, parent: 4 },
  { service: 'checkout', kind: 1, parent: 5 },
  { service: 'checkout', kind: 3, parent: 5 },
  { service: 'payment', kind: 2, parent: 7 },
  { service: 'ledger', kind: 5, parent: 8 },
];
const SYSTEMS = 4;
const ROUTES = 20;

const list = (values) => `[${values.map((value) => (typeof value === 'string' ? `'${value}'` : value)).join(', ')}]`;
const uniform = (seed) => `(sipHash64(number, '${seed}') / 18446744073709551615)`;

/** `shares` are the tenants' in everything; `endS` is the Unix second at which the day, or so many seconds, end. */
export function telemetryOf({ tenants, shares = SHARES, endS, lengthS = DAY_S, spans, logs, points }) {
  const startNs = `toInt64(${endS - lengthS}) * 1000000000`;
  const clock = {
    /** So many nanoseconds after the start. */
    at: (ns) => `fromUnixTimestamp64Nano(${startNs} + ${ns}, 'UTC')`,
    /** Nanoseconds after the start of row `n` of `all`, spread evenly. */
    evenly: (n, all) => `toInt64((${n}) * ${(lengthS * 1e9) / all})`,
  };
  return [
    ...tenants.flatMap((tenant) => identities(tenant, endS)),
    ...tenants.flatMap((tenant, i) =>
      batches(spans * shares[i], (from, count, all) => spanRows(tenant, from, count, all, clock)),
    ),
    ...tenants.flatMap((tenant, i) =>
      batches(logs * shares[i], (from, count, all) => logRows(tenant, from, count, all, clock)),
    ),
    ...tenants.flatMap((tenant, i) => metricsOf(tenant, points * shares[i], endS, clock)),
  ];
}

/** Cuts a day of `all` rows into statements, in the order of time. */
function batches(all, statement) {
  const total = Math.round(all / SPANS_PER_TRACE) * SPANS_PER_TRACE;
  const cuts = [];
  for (let from = 0; from < total; from += BATCH) cuts.push(statement(from, Math.min(BATCH, total - from), total));
  return cuts;
}

const serviceName = (service) => `concat(${service}, '-', toString(system))`;
/** A hash is that of a type, too: 3 as UInt8 is not 3 as UInt64. */
const resourceId = 'sipHash64(service_name, toUInt64(instance))';

function identities(tenant, endS) {
  const services = [...new Set(SHAPE.map(({ service }) => service))];
  return [
    `INSERT INTO resources_v3 (tenant_id, resource_id, service_name, attributes, attribute_types, last_seen)
SELECT '${tenant}', ${resourceId}, service_name,
  map('service.name', service_name, 'service.instance.id', toString(instance), 'service.version', concat('1.', toString(instance % 3), '.0'),
    'host.name', concat('host-', toString(instance)), 'deployment.environment.name', 'production'),
  'sssss', toDateTime(${endS})
FROM (SELECT arrayJoin(${list(services)}) AS service, number % ${SYSTEMS} AS system, intDiv(number, ${SYSTEMS}) AS instance,
  ${serviceName('service')} AS service_name FROM numbers(${SYSTEMS * 4}))`,
    `INSERT INTO scopes_v3 (tenant_id, scope_id, name, version, last_seen)
SELECT '${tenant}', 1, 'telemetryflow.bench', '1.0.0', toDateTime(${endS})`,
  ];
}

/** Its end is the span's; a child begins a little after its parent and takes less. */
function spanRows(tenant, from, count, all, clock) {
  return `INSERT INTO spans_v3 (tenant_id, timestamp, duration_ns, trace_id, span_id, parent_span_id, name, kind, service_name,
  resource_id, scope_id, status_code, status_message, attributes, attribute_types)
SELECT '${tenant}', ${clock.at(`${clock.evenly(`trace * ${SPANS_PER_TRACE}`, all)} + place * 150000`)} AS timestamp,
  toUInt64(exp(14 + 5 * ${uniform('d')}) / (1 + place)) AS duration_ns,
  MD5(concat('${tenant}', toString(trace))) AS trace_id,
  reinterpretAsFixedString(sipHash64('${tenant}', number)) AS span_id,
  if(parent = -1, toFixedString('', 8), reinterpretAsFixedString(sipHash64('${tenant}', toUInt64(trace * ${SPANS_PER_TRACE} + parent)))) AS parent_span_id,
  multiIf(is_database, concat('SELECT shop.', toString(route)), kind = 1, 'compute totals', concat('GET /api/resource-', toString(route), '/{id}')) AS name,
  kind, ${serviceName('service')} AS service_name, ${resourceId} AS resource_id, 1 AS scope_id,
  if(sipHash64(number, 'e') % 100 = 0, 2, 0) AS status_code, if(status_code = 2, 'deadline exceeded', '') AS status_message,
  if(is_database,
    map('db.system.name', 'postgresql', 'db.namespace', 'shop', 'db.operation.name', 'SELECT', 'server.address', concat('db-', toString(system)), 'server.port', '5432', 'user.id', user),
    map('http.request.method', 'GET', 'http.route', concat('/api/resource-', toString(route), '/{id}'), 'http.response.status_code', if(status_code = 2, '500', '200'),
      'url.path', concat('/api/resource-', toString(route), '/', toString(sipHash64(trace) % 100000)), 'server.address', concat('host-', toString(instance)), 'user.id', user)),
  if(is_database, 'ssssis', 'ssisss')
FROM (
  SELECT number, intDiv(number, ${SPANS_PER_TRACE}) AS trace, number % ${SPANS_PER_TRACE} AS place, trace % ${SYSTEMS} AS system, sipHash64(trace) % ${ROUTES} AS route,
    sipHash64(trace, 'i') % 4 AS instance, concat('user-', toString(sipHash64(trace, 'u') % 100000)) AS user,
    ${list(SHAPE.map(({ service }) => service))}[place + 1] AS service, ${list(SHAPE.map(({ kind }) => kind))}[place + 1] AS kind,
    ${list(SHAPE.map(({ parent }) => parent))}[place + 1] AS parent, ${list(SHAPE.map(({ database }) => (database ? 1 : 0)))}[place + 1] AS is_database
  FROM numbers(${from}, ${count}))`;
}

function logRows(tenant, from, count, all, clock) {
  return `INSERT INTO logs_v3 (tenant_id, id, timestamp, observed_timestamp, trace_id, span_id, severity_number, severity_text, service_name,
  resource_id, scope_id, body, body_type, attributes, attribute_types)
SELECT '${tenant}', number + 1, ${clock.at(clock.evenly('number', all))} AS timestamp, timestamp,
  if(number % 2 = 0, MD5(concat('${tenant}', toString(trace))), toFixedString('', 16)) AS trace_id,
  if(number % 2 = 0, reinterpretAsFixedString(sipHash64('${tenant}', toUInt64(trace * ${SPANS_PER_TRACE} + 5))), toFixedString('', 8)) AS span_id,
  [9, 9, 9, 9, 9, 9, 5, 5, 13, 17][sipHash64(number, 's') % 10 + 1] AS severity_number,
  ['INFO', 'INFO', 'INFO', 'INFO', 'INFO', 'INFO', 'DEBUG', 'DEBUG', 'WARN', 'ERROR'][sipHash64(number, 's') % 10 + 1] AS severity_text,
  ${serviceName('service')} AS service_name, ${resourceId} AS resource_id, 1 AS scope_id,
  concat(['request handled for order ', 'cache miss for key item:', 'retrying call to payment, attempt ', 'connection accepted from 10.0.3.'][sipHash64(number, 'b') % 4 + 1],
    toString(sipHash64(number, 'n') % 1000000), ' in ', toString(sipHash64(number, 'm') % 900), ' ms', if(number % ${RARE_EVERY} = 77, ' ${RARE_WORD}', '')) AS body,
  's', map('thread.name', concat('worker-', toString(number % 16)), 'code.function.name', ['handle', 'load', 'retry', 'accept'][sipHash64(number, 'b') % 4 + 1],
    'order.id', toString(sipHash64(number, 'n') % 1000000)), 'sss'
FROM (
  SELECT number, number % 1000000 AS trace, trace % ${SYSTEMS} AS system, sipHash64(trace, 'i') % 4 AS instance,
    ['gateway', 'cart', 'checkout', 'payment'][sipHash64(number, 'v') % 4 + 1] AS service
  FROM numbers(${from}, ${count}))`;
}

/** Half gauges, half cumulative counters; each series is a route, a status and a host. */
function metricsOf(tenant, points, endS, clock) {
  const perSeries = DAY_S / POINT_INTERVAL_S;
  const metrics = Math.round(points / (SERIES_PER_METRIC * perSeries));
  return Array.from({ length: metrics }, (_, i) => {
    const name = i % 2 === 0 ? `http.server.requests.${i}` : `process.memory.usage.${i}`;
    const series = `sipHash64('${tenant}', '${name}', toUInt64(series))`;
    const type = i % 2 === 0 ? 'counter' : 'gauge';
    return [
      `INSERT INTO series_v3 (tenant_id, series_id, metric_name, metric_type, temporality, unit, service_name, resource_id, scope_id, attributes, attribute_types, last_seen)
SELECT '${tenant}', ${series}, '${name}', '${type}', '${i % 2 === 0 ? 'cumulative' : 'unspecified'}', '${i % 2 === 0 ? '{request}' : 'By'}', 'gateway-0', 1, 1,
  map('http.route', concat('/api/resource-', toString(series % 10)), 'http.response.status_code', toString([200, 201, 404, 500][intDiv(series, 10) % 4 + 1]), 'host.name', concat('host-', toString(intDiv(series, 40)))), 'sis', toDateTime(${endS})
FROM (SELECT number AS series FROM numbers(${SERIES_PER_METRIC}))`,
      `INSERT INTO metrics_v3 (tenant_id, metric_name, series_id, timestamp, start_timestamp, value, value_kind)
SELECT '${tenant}', '${name}', ${series}, ${clock.at(`toInt64(step) * ${POINT_INTERVAL_S}000000000`)}, ${clock.at('0')},
  ${i % 2 === 0 ? 'step * (1 + series % 7) + sipHash64(number) % 5' : '1e8 + (sipHash64(number) % 1000000)'}, 'double'
FROM (SELECT number, intDiv(number, ${SERIES_PER_METRIC}) AS step, number % ${SERIES_PER_METRIC} AS series FROM numbers(${SERIES_PER_METRIC * perSeries}))`,
    ];
  }).flat();
}

/** One trace of so many spans, eight children to a parent, that ends a minute before `endS`. */
export function wideTrace({ tenant, endS, spans }) {
  return `INSERT INTO spans_v3 (tenant_id, timestamp, duration_ns, trace_id, span_id, parent_span_id, name, kind, service_name, resource_id, scope_id,
  status_code, attributes, attribute_types)
SELECT '${tenant}', fromUnixTimestamp64Nano(toInt64(${endS - 120}) * 1000000000 + number * 1000000, 'UTC'), toUInt64(if(number = 0, ${spans + 10_000}, 1 + sipHash64(number) % 9000)) * 1000000,
  MD5('wide ${tenant}'), reinterpretAsFixedString(toUInt64(number + 1)),
  if(number = 0, toFixedString('', 8), reinterpretAsFixedString(toUInt64(intDiv(number - 1, 8) + 1))),
  concat('step ', toString(number % 50)), 1 + number % 3, concat('batch-', toString(number % 7)), toUInt64(sipHash64(number % 7)), 1,
  if(number % 500 = 499, 2, 0), map('item.id', toString(number), 'http.route', '/batch', 'batch.part', toString(number % 100)), 'iss'
FROM numbers(${spans})`;
}
