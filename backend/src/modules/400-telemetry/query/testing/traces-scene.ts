import { logRow, OTHER_TENANT, resourceRow, scopeRow, spanRow, type SpanInput } from './rows.js';
import type { TelemetryEngine } from './telemetry-engine.js';

/** Noon of the day before yesterday: rows beyond the tables' TTL would vanish. */
export const NOW_MS = Math.floor(Date.now() / 86_400_000 - 2) * 86_400_000 + 43_200_000;
export const iso = (secondsAgo: number) => new Date(NOW_MS - secondsAgo * 1000).toISOString();
export const NOW_NS = BigInt(NOW_MS) * 1_000_000n;
export const SECOND = 1_000_000_000n;

export const T1 = '01'.repeat(16);
export const T2 = '02'.repeat(16);
export const T3 = '03'.repeat(16);
export const T4 = '04'.repeat(16);
export const FOREIGN = '05'.repeat(16);

const spans: SpanInput[] = [
  {
    trace: T1,
    span: '0101010101010101',
    startNs: NOW_NS - 100n * SECOND + 7n,
    durationNs: 2n * SECOND,
    name: 'GET /cart',
    service: 'cart',
    kind: 2,
    resourceId: '11',
    scopeId: '21',
    attributes: {
      'http.route': '/cart',
      'http.status': { int: 200 },
      big: { int: '9007199254740993' },
      ratio: { double: 0.5 },
      ok: true,
      list: { json: '[1,9007199254740993,"x",null,{"a":false}]' },
      raw: { bytes: 'AQI=' },
      empty: null,
    },
  },
  {
    trace: T1,
    span: '0202020202020202',
    parent: '0101010101010101',
    startNs: NOW_NS - 99n * SECOND,
    durationNs: 3n * SECOND,
    name: 'SELECT',
    service: 'db',
    kind: 3,
    status: 2,
    statusMessage: 'deadlock detected',
    attributes: { 'http.status': { int: 500 } },
  },
  // The same start twice: only the id tells them apart.
  { trace: T2, span: '0303030303030303', startNs: NOW_NS - 5000n * SECOND, name: 'same', service: 'cart' },
  { trace: T3, span: '0404040404040404', startNs: NOW_NS - 5000n * SECOND, name: 'same', service: 'cart' },
  // A root that has not arrived, in an earlier window than its own last span.
  {
    trace: T4,
    span: '0505050505050505',
    parent: '0606060606060606',
    startNs: NOW_NS - 3000n * SECOND,
    durationNs: 1n,
    name: 'early',
    attributes: { a: '1' },
  },
  {
    trace: T4,
    span: '0707070707070707',
    parent: '0606060606060606',
    startNs: NOW_NS - 10n * SECOND,
    durationNs: 5n,
    name: 'late',
    attributes: { b: '2' },
  },
  {
    tenant: OTHER_TENANT,
    trace: FOREIGN,
    span: '0101010101010101',
    startNs: NOW_NS - 50n * SECOND,
    name: 'secret',
    service: 'cart',
    resourceId: '11',
  },
];

/** Four traces and five log records of one tenant, one of each of another. */
export async function insertTracesAndLogs(engine: TelemetryEngine): Promise<void> {
  const resource = { 'service.name': 'cart', 'host.name': 'web-1', 'process.pid': { int: 42 } };
  // Twice: replaced rows are not merged yet.
  await engine.insert('resources_v3', [
    resourceRow('11', resource),
    resourceRow('11', { 'host.name': 'leak' }, OTHER_TENANT),
  ]);
  await engine.insert('resources_v3', [resourceRow('11', resource)]);
  await engine.insert('scopes_v3', [scopeRow('21', 'io.http', '1.2.3', { lib: 'x' })]);
  const withChildren = {
    'events.timestamp': ['1773143900.000000001'],
    'events.name': ['exception'],
    'events.attributes': [{ 'exception.type': 'E', n: '3' }],
    'events.attribute_types': ['si'],
    'events.dropped_attributes_count': [1],
    'links.trace_id': ['\u0001'.repeat(16)],
    'links.span_id': ['\u0002'.repeat(8)],
    'links.trace_state': ['k=v'],
    'links.flags': [1],
    'links.attributes': [{ why: 'retry' }],
    'links.attribute_types': ['s'],
    'links.dropped_attributes_count': [0],
  };
  const rows = spans.map((s, i) => ({ ...spanRow(s), ...(i === 0 ? withChildren : {}) }));
  // In several inserts, so that a trace has several unmerged summary rows.
  for (const row of rows) await engine.insert('spans_v3', [row]);
  await engine.insert('logs_v3', [
    logRow({
      id: '18446744073709551615',
      timeNs: NOW_NS - 60n * SECOND,
      body: 'Connection timeout to db-1',
      severity: 17,
      trace: T1,
      span: '0101010101010101',
      resourceId: '11',
      scopeId: '21',
      service: 'cart',
      attributes: { attempt: { int: 3 } },
    }),
    logRow({ id: '2', timeNs: NOW_NS - 60n * SECOND, body: 'timeouts are fine', severity: 13 }),
    logRow({ id: '1', timeNs: NOW_NS - 60n * SECOND, body: 'größter Käse', severity: 5 }),
    logRow({
      id: '3',
      timeNs: NOW_NS - 4000n * SECOND,
      body: { json: '{"msg":"hello","n":12345678901234567890}' },
      severity: 0,
      severityText: 'Warning',
    }),
    logRow({
      id: '4',
      timeNs: NOW_NS - 90n * SECOND,
      body: { int: 5 },
      severity: 9,
      trace: T1,
      eventName: 'order.placed',
    }),
    logRow({ tenant: OTHER_TENANT, id: '9', timeNs: NOW_NS - 60n * SECOND, body: 'secret timeout', trace: T1 }),
  ]);
}
