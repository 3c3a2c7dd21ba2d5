import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SegmentIdentities, TABLES, Transcoder, type Block, type Signal, type TableName } from './index.js';
import { REQUESTS } from './testing/arbitraries.js';
import { REQUEST_TYPES } from './testing/otlp-proto.js';
import { options } from './testing/requests.js';
import { readRows, type Row } from './testing/rowbinary-reader.js';
import { columnTypes, migrationStatements } from './testing/table-types.js';

const child = fileURLToPath(new URL('./testing/insert-into-engine.mjs', import.meta.url));
const tables = Object.keys(TABLES) as TableName[];
let folder: string;
let stored: Record<string, Row[]>;
let sent: Record<string, Row[]>;

/** One block per table, of many random requests whose identities are shared as in a segment. */
function segment(): Map<TableName, { bytes: Buffer; rows: number }> {
  const transcoder = new Transcoder();
  const identities = new SegmentIdentities();
  const whole = new Map<TableName, { bytes: Buffer; rows: number }>();
  const add = ({ table, bytes, rows }: Block): void => {
    const before = whole.get(table) ?? { bytes: Buffer.alloc(0), rows: 0 };
    whole.set(table, { bytes: Buffer.concat([before.bytes, bytes]), rows: before.rows + rows });
  };
  for (const signal of ['traces', 'logs', 'metrics'] as Signal[]) {
    const type = REQUEST_TYPES[signal];
    for (const request of fc.sample(REQUESTS[signal], { seed: 7, numRuns: 60 })) {
      const body = type.encode(type.fromObject(request)).finish();
      transcoder.transcode(signal, 'protobuf', body, options({ identities })).blocks.forEach(add);
    }
  }
  return whole;
}

/** How the engine is asked for a column so that its JSON says exactly what the row's bytes said. */
function selected(name: string, type: string): string {
  const column = `\`${name}\``;
  const nanos = (value: string): string => `toString(toUnixTimestamp64Nano(${value}))`;
  if (type.startsWith('DateTime64')) return `${nanos(column)} AS ${column}`;
  if (type.startsWith('Array(DateTime64')) return `arrayMap(x -> ${nanos('x')}, ${column}) AS ${column}`;
  if (type === 'DateTime') return `toUInt32(${column}) AS ${column}`;
  if (type === 'FixedString(1)') return column;
  if (type.startsWith('FixedString')) return `lower(hex(${column})) AS ${column}`;
  if (type.startsWith('Array(FixedString')) return `arrayMap(x -> lower(hex(x)), ${column}) AS ${column}`;
  if (type.startsWith('Map')) return `arrayZip(mapKeys(${column}), mapValues(${column})) AS ${column}`;
  if (type.startsWith('Array(Map')) return `arrayMap(x -> arrayZip(mapKeys(x), mapValues(x)), ${column}) AS ${column}`;
  if (/U?Int64|Float64/.test(type))
    return `${type.startsWith('Array') ? `arrayMap(x -> toString(x), ${column})` : `toString(${column})`} AS ${column}`;
  return column;
}

/** Our rows in the same spelling. */
function spelled(row: Row): Row {
  const spell = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(spell);
    if (typeof value === 'bigint') return String(value);
    return value;
  };
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, spell(value)]));
}

/** Floats by value, as ClickHouse and JavaScript spell exponents differently; UUIDs in byte order of RowBinary. */
function normalised(table: TableName, row: Row): Row {
  const types = columnTypes(table);
  const entries = Object.entries(row).map(([key, value]) => {
    const type = types.get(key)!;
    if (type.includes('Float64'))
      return [key, Array.isArray(value) ? value.map(number) : value === null ? null : number(value)];
    if (type === 'UUID') return [key, 'tenant'];
    return [key, value];
  });
  return Object.fromEntries(entries) as Row;
}

const number = (value: unknown): string => {
  const text = String(value).toLowerCase();
  return text === 'inf' ? 'Infinity' : text === '-inf' ? '-Infinity' : text === 'nan' ? 'NaN' : String(Number(value));
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otlp-rows-'));
  const blocks = segment();
  sent = Object.fromEntries(
    [...blocks].map(([table, { bytes, rows }]) => [
      table,
      readRows({ table, bytes, rows }).map((row) => normalised(table, spelled(row))),
    ]),
  );
  const inserts = [];
  for (const [table, { bytes }] of blocks) {
    const file = join(folder, `${table}.bin`);
    await writeFile(file, bytes);
    inserts.push({ table, columns: TABLES[table].columns.map((name) => `\`${name}\``), file });
  }
  const selects = tables.map((table) => {
    const columns = TABLES[table].columns.map((name) => selected(name, columnTypes(table).get(name)!));
    return `SELECT ${columns.join(', ')} FROM ${table} SETTINGS output_format_json_quote_64bit_integers = 1`;
  });
  // Rows of all times are inserted: expiry by time must not race with the reading.
  const statements = migrationStatements().map((statement) => statement.replace(/^TTL .*$/m, ''));
  // Read back as merges leave it: maps in buckets, on files of their own.
  const bucketed = ['spans_v3', 'logs_v3'];
  statements.push(
    ...bucketed.map(
      (table) => `ALTER TABLE ${table} MODIFY SETTING min_bytes_for_wide_part = 0, map_buckets_coefficient = 4`,
    ),
  );
  const afterwards = bucketed.map((table) => `OPTIMIZE TABLE ${table} FINAL`);
  const job = join(folder, 'job.json');
  await writeFile(
    job,
    JSON.stringify({
      statements: ['CREATE DATABASE IF NOT EXISTS t', 'USE t', ...statements],
      inserts,
      afterwards,
      selects,
    }),
  );
  const { stdout } = await promisify(execFile)(process.execPath, [child, job], { maxBuffer: 1 << 28 });
  const answers = JSON.parse(stdout) as Row[][];
  stored = Object.fromEntries(tables.map((table, i) => [table, answers[i]!.map((row) => normalised(table, row))]));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the engine', () => {
  it.each(tables)('stores what was written to %s', (table) => {
    const sorted = (rows: Row[]): string[] => rows.map((row) => JSON.stringify(row)).toSorted();
    expect(sent[table]!.length).toBeGreaterThan(5);
    expect(sorted(stored[table]!)).toEqual(sorted(sent[table]!));
  });
});
