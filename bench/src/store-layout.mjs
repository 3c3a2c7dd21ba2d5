/**
 * What the layout of attributes and resources costs: the same spans (10 attributes, 12 resource attributes) as RowBinary
 * files, inserted into tables that differ in one choice, then asked the same questions. Runs the embedded engine in this
 * process; prints one table.
 *
 *   node bench/src/store-layout.mjs [rows]
 */
import { Session } from 'chdb';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const rows = Number(process.argv[2] ?? 500_000);
const folder = mkdtempSync(join(tmpdir(), 'store-layout-'));
const session = new Session(join(folder, 'data'));
const ask = (sql, format = 'TSV') => session.query(sql, format).toString().trim();

ask('CREATE DATABASE bench');
ask('USE bench');

/** The span's own attributes as text by key, and which of them are numbers or booleans. */
const strings = `map('http.request.method', ['GET','POST','PUT'][n % 3 + 1], 'http.route', concat('/api/items/', toString(n % 40)), 'url.path', concat('/api/items/', toString(n % 5000)), 'user_agent.original', ['curl/8', 'Mozilla/5.0 (X11; Linux x86_64)', 'okhttp/4.12'][n % 3 + 1], 'server.address', 'shop.internal', 'network.protocol.version', '1.1', 'enduser.id', toString(cityHash64(n) % 20000))`;
const integers = `map('http.response.status_code', toInt64([200, 200, 200, 404, 500][n % 5 + 1]), 'server.port', toInt64(8080))`;
const booleans = `map('cache.hit', n % 2 = 0)`;
const text = `mapConcat(${strings}, mapApply((k, v) -> (k, toString(v)), ${integers}), map('cache.hit', if(n % 2 = 0, 'true', 'false')))`;
const resource = `map('service.name', concat('service-', toString(n % 12)), 'service.version', '1.4.2', 'service.namespace', 'shop', 'service.instance.id', concat('instance-', toString(n % 48)), 'host.name', concat('node-', toString(n % 8)), 'k8s.pod.name', concat('pod-', toString(n % 48)), 'k8s.namespace.name', 'prod', 'k8s.cluster.name', 'eu-1', 'deployment.environment.name', 'production', 'telemetry.sdk.language', 'nodejs', 'telemetry.sdk.name', 'opentelemetry', 'telemetry.sdk.version', '2.1.0')`;

const base = {
  timestamp: [`DateTime64(9)`, `fromUnixTimestamp64Nano(1790000000000000000 + n * 1000000)`],
  trace_id: [
    `FixedString(16)`,
    `reinterpretAsFixedString(reinterpretAsUUID(concat(reinterpretAsString(cityHash64(intDiv(n, 8), 1)), reinterpretAsString(cityHash64(intDiv(n, 8), 2)))))`,
  ],
  span_id: [`FixedString(8)`, `reinterpretAsFixedString(cityHash64(n, 3))`],
  name: [`LowCardinality(String)`, `concat('GET /api/items/', toString(n % 40))`],
  service_name: [`LowCardinality(String)`, `concat('service-', toString(n % 12))`],
  duration_ns: [`UInt64`, `cityHash64(n, 4) % 1000000000`],
};
const map = (value) => `Map(LowCardinality(String), ${value})`;
const attributesAsText = { attributes: [map('String'), text], attribute_types: ['String', `'sssssssiib'`] };
const resourceId = { resource_id: ['UInt64', 'cityHash64(n % 48)'] };

const variants = {
  'text map + type letters, resource by id (chosen)': { ...base, ...resourceId, ...attributesAsText },
  'text map + type letters, resource per row': { ...base, resource: [map('String'), resource], ...attributesAsText },
  'one map per type, resource by id': {
    ...base,
    ...resourceId,
    strings: [map('String'), strings],
    integers: [map('Int64'), integers],
    booleans: [map('Bool'), booleans],
  },
  'JSON column, resource by id': {
    ...base,
    ...resourceId,
    attributes: [
      'JSON',
      `concat('{', arrayStringConcat(arrayMap((k, v) -> concat('"', k, '":"', v, '"'), mapKeys(${strings}), mapValues(${strings})), ','), ',"http.response.status_code":', toString([200, 200, 200, 404, 500][n % 5 + 1]), ',"server.port":8080,"cache.hit":', if(n % 2 = 0, 'true', 'false'), '}')::JSON`,
    ],
  },
};

const questions = {
  'text map': {
    equal: `attributes['http.route'] = '/api/items/7'`,
    greater: `toFloat64OrNull(attributes['http.response.status_code']) >= 500`,
  },
  'one map': {
    equal: `strings['http.route'] = '/api/items/7'`,
    greater: `integers['http.response.status_code'] >= 500`,
  },
  JSON: {
    equal: `attributes.http.route.:String = '/api/items/7'`,
    greater: `attributes.http.response.status_code.:Int64 >= 500`,
  },
};

const quote = (text) => `'${text.replaceAll("'", "\\'")}'`;

function timed(work) {
  const cpu = process.cpuUsage();
  work();
  const used = process.cpuUsage(cpu);
  return (used.user + used.system) / 1e6;
}

function best(count, work) {
  return Math.min(...Array.from({ length: count }, () => timed(work)));
}

const table = [];
for (const [index, [label, columns]] of Object.entries(variants).entries()) {
  const file = join(folder, `${index}.bin`);
  const list = Object.entries(columns);
  const names = list.map(([name]) => name).join(', ');
  ask(
    `SELECT ${list.map(([name, [type, expression]]) => `CAST(${expression} AS ${type}) AS ${name}`).join(', ')} FROM (SELECT number AS n FROM numbers(${rows})) INTO OUTFILE '${file}' FORMAT RowBinary`,
  );
  const insert = () => {
    ask(`DROP TABLE IF EXISTS t${index}`);
    ask(
      `CREATE TABLE t${index} (${list.map(([name, [type]]) => `${name} ${type}`).join(', ')}) ENGINE = MergeTree ORDER BY (toStartOfHour(timestamp), service_name, timestamp)`,
    );
    ask(
      `INSERT INTO t${index} (${names}) SELECT * FROM file('${file}', RowBinary, ${quote(list.map(([name, [type]]) => `${name} ${type}`).join(', '))}) SETTINGS max_insert_threads = 1, max_threads = 1`,
    );
  };
  const insertSeconds = best(3, insert);
  ask(`OPTIMIZE TABLE t${index} FINAL`);
  const bytes = Number(
    ask(
      `SELECT sum(data_compressed_bytes) FROM system.parts WHERE active AND database = 'bench' AND table = 't${index}'`,
    ),
  );
  const { equal, greater } = Object.entries(questions).find(([prefix]) => label.startsWith(prefix))[1];
  const count = (filter) =>
    best(3, () => ask(`SELECT count() FROM t${index} WHERE ${filter} SETTINGS use_query_condition_cache = 0`));
  table.push({
    layout: label,
    'rows/CPU s': Math.round(rows / insertSeconds),
    'wire bytes/row': Math.round(statSync(file).size / rows),
    'disk bytes/row': (bytes / rows).toFixed(1),
    'equal, CPU ms': Math.round(count(equal) * 1000),
    'number >=, CPU ms': Math.round(count(greater) * 1000),
  });
}
console.table(table);
session.cleanup?.();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
