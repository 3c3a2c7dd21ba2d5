/**
 * Compares what the store holds with what was sent, item by item. The store gathers each request's items into a bit mask
 * and a count, so that a million items are some tens of thousands of rows of 24 bytes.
 */
import { HISTOGRAM, isHistogram, METRIC, SERVICE, signalOf, type SignalName } from './payloads.ts';
import type { Ledger } from './ledger.ts';
import type { StoreAddress } from './server-process.ts';
import { queryStore, rowOf } from './store.ts';

const ROW_BYTES = 24;
const EXAMPLES = 5;

export interface Sent {
  readonly ledger: Ledger;
  readonly items: number;
  readonly baseNs: bigint;
}

/** What is wrong, in words; empty when nothing is. */
export interface Verdict {
  readonly faults: readonly string[];
  readonly acknowledgedItems: number;
  readonly storedItems: number;
  /** Requests that are in the store although no answer, or a refusal, reached the client. */
  readonly storedUnacknowledged: number;
}

interface Place {
  readonly table: string;
  readonly signal: SignalName;
  /** SQL that selects the items' numbers as UInt64 `n`. */
  readonly numbers: string;
  readonly belongs: (item: number) => boolean;
}

const idOf = (column: string) => `bitAnd(reinterpretAsUInt64(reverse(${column})), 0xFFFFFFFFFFFF)`;
const isOurs = `service_name = '${SERVICE}' AND startsWith(span_id, unhex('c4a0'))`;

function places(baseNs: bigint): Place[] {
  const pointNumber = `toUInt64(toUnixTimestamp64Nano(timestamp) - ${baseNs})`;
  const all = () => true;
  return [
    {
      table: 'spans_v3',
      signal: 'traces',
      belongs: all,
      numbers: `SELECT ${idOf('span_id')} AS n FROM spans_v3 WHERE ${isOurs}`,
    },
    {
      table: 'logs_v3',
      signal: 'logs',
      belongs: all,
      numbers: `SELECT ${idOf('span_id')} AS n FROM logs_v3 WHERE ${isOurs}`,
    },
    {
      table: 'logs_v3_by_trace',
      signal: 'logs',
      belongs: all,
      numbers: `SELECT ${idOf('span_id')} AS n FROM logs_v3_by_trace WHERE ${isOurs}`,
    },
    {
      table: 'metrics_v3',
      signal: 'metrics',
      belongs: (item) => !isHistogram(item),
      numbers: `SELECT ${pointNumber} AS n FROM metrics_v3 WHERE metric_name = '${METRIC}'`,
    },
    {
      table: 'histograms_v3',
      signal: 'metrics',
      belongs: isHistogram,
      numbers: `SELECT ${pointNumber} AS n FROM histograms_v3 WHERE metric_name = '${HISTOGRAM}'`,
    },
  ];
}

/** Every acknowledged item exactly once in every table that has it; what was not acknowledged wholly once or not at all. */
export async function verify(store: StoreAddress, sent: Sent): Promise<Verdict> {
  const faults: string[] = [];
  const presence = new Map<string, Uint8Array>();
  let storedItems = 0;
  for (const place of places(sent.baseNs)) {
    const { present, items, wrong } = await compare(store, place, sent);
    presence.set(place.table, present);
    if (place.table !== 'logs_v3_by_trace') storedItems += items;
    faults.push(...summarised(place.table, wrong));
  }
  faults.push(...(await wrongTraces(store, sent, presence.get('spans_v3') as Uint8Array)));
  faults.push(...(await wrongRollups(store)), ...(await danglingIdentities(store)));
  faults.push(...unequal('metrics_v3', 'histograms_v3', presence), ...unequal('logs_v3', 'logs_v3_by_trace', presence));
  const stored = ['spans_v3', 'logs_v3', 'metrics_v3'].map((table) => presence.get(table) as Uint8Array);
  let storedUnacknowledged = 0;
  for (let request = 0; request < sent.ledger.sent; request += 1) {
    if (!sent.ledger.isAcknowledged(request) && stored.some((present) => present[request] === 1))
      storedUnacknowledged += 1;
  }
  return { faults, acknowledgedItems: sent.ledger.acknowledged * sent.items, storedItems, storedUnacknowledged };
}

/** More kinds of a fault than anybody reads are counted. */
function summarised(table: string, wrong: readonly string[]): string[] {
  const told = wrong.slice(0, EXAMPLES).map((fault) => `${table}: ${fault}`);
  return wrong.length > EXAMPLES ? [...told, `${table}: ${wrong.length - EXAMPLES} more`] : told;
}

async function compare(store: StoreAddress, place: Place, { ledger, items }: Sent) {
  const expected = maskOf(items, place.belongs);
  const expectedCount = bits(expected);
  const present = new Uint8Array(ledger.sent);
  const wrong: string[] = [];
  let stored = 0;
  const rows = await queryStore(
    store,
    `SELECT intDiv(n, toUInt64(${items})) AS r, groupBitOr(bitShiftLeft(toUInt64(1), n % ${items})) AS m, toUInt64(count()) AS c
     FROM (${place.numbers}) GROUP BY r ORDER BY r FORMAT RowBinary`,
  );
  for (let at = 0; at < rows.length; at += ROW_BYTES) {
    const request = Number(rows.readBigUInt64LE(at));
    const mask = Number(rows.readBigUInt64LE(at + 8));
    const count = Number(rows.readBigUInt64LE(at + 16));
    stored += count;
    if (request >= ledger.sent || signalOf(request) !== place.signal) wrong.push(`request ${request} was never sent`);
    else if (mask !== expected)
      wrong.push(`request ${request} has items ${mask.toString(2)} of ${expected.toString(2)}`);
    else if (count !== expectedCount) wrong.push(`request ${request} has ${count} rows for ${expectedCount} items`);
    if (request < ledger.sent) present[request] = 1;
  }
  for (let request = 0; request < ledger.sent; request += 1) {
    const isMissing = ledger.isAcknowledged(request) && signalOf(request) === place.signal && present[request] === 0;
    if (isMissing) wrong.push(`request ${request} was acknowledged and is not there`);
  }
  return { present, items: stored, wrong };
}

function maskOf(items: number, belongs: (item: number) => boolean): number {
  if (items > 31) throw new Error('a mask has 31 bits');
  let mask = 0;
  for (let item = 0; item < items; item += 1) if (belongs(item)) mask |= 1 << item;
  return mask;
}

function bits(mask: number): number {
  return mask.toString(2).replaceAll('0', '').length;
}

/** The summary of a trace counts its spans: a part inserted twice shows here even where the rows themselves do not. */
async function wrongTraces(store: StoreAddress, { ledger, items }: Sent, spans: Uint8Array): Promise<string[]> {
  const rows = await queryStore(
    store,
    `SELECT intDiv(${idOf('substring(trace_id, 9, 8)')}, toUInt64(${items})) AS r, toUInt64(sum(span_count)) AS c, toUInt64(0) AS z
     FROM traces_v3 WHERE startsWith(trace_id, unhex('c4a05c4a05c4a05c')) GROUP BY r FORMAT RowBinary`,
  );
  const wrong: string[] = [];
  const seen = new Uint8Array(ledger.sent);
  for (let at = 0; at < rows.length; at += ROW_BYTES) {
    const request = Number(rows.readBigUInt64LE(at));
    const count = Number(rows.readBigUInt64LE(at + 8));
    if (request < ledger.sent) seen[request] = 1;
    if (count !== items) wrong.push(`the trace of request ${request} counts ${count} spans for ${items}`);
  }
  for (let request = 0; request < ledger.sent; request += 1) {
    if (spans[request] === 1 && seen[request] === 0) wrong.push(`the trace of request ${request} is not there`);
  }
  return summarised('traces_v3', wrong);
}

/** Hourly and daily figures are those of the points. */
async function wrongRollups(store: StoreAddress): Promise<string[]> {
  const figures = (table: string, count: string, value: string) =>
    rowOf<{ c: number; s: number }>(
      store,
      `SELECT toUInt64(${count}) AS c, ${value} AS s FROM ${table} WHERE metric_name = '${METRIC}'`,
    );
  const points = await figures('metrics_v3', 'count()', 'sum(value)');
  const faults: string[] = [];
  for (const table of ['metrics_v3_hourly', 'metrics_v3_daily']) {
    const rollup = await figures(table, 'sum(count)', 'sum(sum_value)');
    if (rollup.c !== points.c || Math.abs(rollup.s - points.s) > 1e-6 * Math.abs(points.s)) {
      faults.push(
        `${table}: ${rollup.c} points summing to ${rollup.s}, but the table has ${points.c} summing to ${points.s}`,
      );
    }
  }
  return faults;
}

/** Rows refer to a resource, a scope and a series that are in the store too. */
async function danglingIdentities(store: StoreAddress): Promise<string[]> {
  const faults: string[] = [];
  for (const [table, column, where] of [
    ['spans_v3', 'resource_id', isOurs],
    ['spans_v3', 'scope_id', isOurs],
    ['logs_v3', 'resource_id', isOurs],
    ['metrics_v3', 'series_id', `metric_name = '${METRIC}'`],
    ['histograms_v3', 'series_id', `metric_name = '${HISTOGRAM}'`],
  ] as const) {
    const home = { resource_id: 'resources_v3', scope_id: 'scopes_v3', series_id: 'series_v3' }[column];
    const { n } = await rowOf<{ n: number }>(
      store,
      `SELECT count() AS n FROM ${table} WHERE ${where} AND (tenant_id, ${column}) NOT IN (SELECT tenant_id, ${column} FROM ${home})`,
    );
    if (n > 0) faults.push(`${table}: ${n} rows have a ${column} that ${home} does not know`);
  }
  return faults;
}

/** A request is in the log as one record: all of its tables have it, or none. */
function unequal(one: string, other: string, presence: ReadonlyMap<string, Uint8Array>): string[] {
  const [a, b] = [presence.get(one), presence.get(other)];
  const differ = a?.findIndex((value, request) => value !== b?.[request]) ?? -1;
  return differ < 0 ? [] : [`request ${differ} is in only one of ${one} and ${other}`];
}
