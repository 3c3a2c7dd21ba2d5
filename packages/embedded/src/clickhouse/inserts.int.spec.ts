/** What the store takes in, and that it takes it once. */
import { request } from 'node:http';
import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  clientOf,
  credentials,
  eventually,
  number,
  rawRequest,
  recordingLogger,
  rows,
  tempDir,
  type RawRequest,
} from '../testing/harness.js';
import type { EmbeddedClickHouse } from '../types.js';
import { startEmbeddedClickHouse } from './start.js';

let dir: Awaited<ReturnType<typeof tempDir>>;
let engine: EmbeddedClickHouse;
let client: ClickHouseClient;

beforeAll(async () => {
  dir = await tempDir();
  engine = await startEmbeddedClickHouse({ dataDir: dir.path, logger: recordingLogger(), memoryLimitBytes: 2 ** 30 });
  client = clientOf(engine);
  await client.command({ query: 'CREATE DATABASE tf' });
});

afterAll(async () => {
  await client?.close();
  await engine?.stop();
  await dir?.remove();
});

const http = (path: string, options?: RawRequest) => rawRequest(engine, path, options);
const auth = () => credentials(engine);

beforeEach(async () => {
  for (const sql of [
    'DROP TABLE IF EXISTS tf.by_key_view',
    'DROP TABLE IF EXISTS tf.by_key',
    'DROP TABLE IF EXISTS tf.items',
    'CREATE TABLE tf.items (n UInt64, s String) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 1000',
    'CREATE TABLE tf.by_key (k UInt8, c UInt64) ENGINE = SummingMergeTree ORDER BY k SETTINGS non_replicated_deduplication_window = 1000',
    'CREATE MATERIALIZED VIEW tf.by_key_view TO tf.by_key AS SELECT n % 4 AS k, count() AS c FROM tf.items GROUP BY k',
  ]) {
    await client.command({ query: sql });
  }
});

const parts = () =>
  number(client, "SELECT count() FROM system.parts WHERE active AND database = 'tf' AND table = 'items'");
const counts = async () => [
  await number(client, 'SELECT count() FROM tf.items'),
  await number(client, 'SELECT sum(c) FROM tf.by_key'),
];

const item = (n: number) => {
  const text = `row-${n}`;
  const buffer = Buffer.alloc(8 + 1 + text.length);
  buffer.writeBigUInt64LE(BigInt(n), 0);
  buffer[8] = text.length;
  buffer.write(text, 9);
  return buffer;
};

it('takes typed values as JSONEachRow and tells the rows written, dependent views included', async () => {
  const result = await client.insert({
    table: 'tf.items',
    values: [
      { n: 1, s: 'ä' },
      { n: 2, s: "b'\n" },
    ],
    format: 'JSONEachRow',
  });
  expect(result.summary?.written_rows).toBe('4');
  expect(await rows(client, 'SELECT n, s FROM tf.items ORDER BY n')).toEqual([
    { n: 1, s: 'ä' },
    { n: 2, s: "b'\n" },
  ]);
});

it('takes a RowBinary stream of 100,000 rows as one block', async () => {
  const stream = Readable.from(
    (function* () {
      for (let n = 0; n < 100_000; n += 100) yield Buffer.concat(Array.from({ length: 100 }, (_, i) => item(n + i)));
    })(),
    { objectMode: false },
  );
  await client
    .exec({ query: 'INSERT INTO tf.items (n, s) FORMAT RowBinary', values: stream })
    .then(({ stream: done }) => done.resume());
  await eventually(
    'all rows are there',
    async () => (await number(client, 'SELECT count() FROM tf.items')) === 100_000,
  );
  expect(await parts()).toBe(1);
  expect(
    await rows(client, "SELECT countIf(s = concat('row-', toString(n))) AS right, max(n) AS last FROM tf.items"),
  ).toEqual([{ right: 100_000, last: 99_999 }]);
  expect(await number(client, 'SELECT sum(c) FROM tf.by_key')).toBe(100_000);
});

it('takes statement and data in one body, and rows inline', async () => {
  const binary = await http('/', {
    method: 'POST',
    headers: auth(),
    body: Buffer.concat([Buffer.from('INSERT INTO tf.items FORMAT RowBinary\n'), item(59), item(10)]),
  });
  expect([binary.status, binary.body.toString()]).toEqual([200, '']);
  await client.command({ query: "INSERT INTO tf.items VALUES (3, 'a;b'), (4, 'ü')" });
  await client.command({ query: 'INSERT INTO tf.items SELECT number + 100, toString(number) FROM numbers(2)' });
  expect((await rows<{ s: string }>(client, 'SELECT s FROM tf.items ORDER BY n')).map((row) => row.s)).toEqual([
    'a;b',
    'ü',
    'row-10',
    'row-59',
    '0',
    '1',
  ]);
});

it('reads the body as a table through input()', async () => {
  const values = Readable.from([Buffer.concat([item(1), item(2)])], { objectMode: false });
  const query = "INSERT INTO tf.items SELECT n * 10, upper(s) FROM input('n UInt64, s String') FORMAT RowBinary";
  await client.exec({ query, values }).then(({ stream }) => stream.resume());
  await eventually('rows', async () => (await rows(client, 'SELECT n, s FROM tf.items ORDER BY n')).length === 2);
  expect(await rows(client, 'SELECT n, s FROM tf.items ORDER BY n')).toEqual([
    { n: 10, s: 'ROW-1' },
    { n: 20, s: 'ROW-2' },
  ]);
});

it('inserts exactly once per token, in the dependent view too', async () => {
  const values = Array.from({ length: 1_500_000 }, (_, n) => ({ n }));
  const insert = (token: string, some: typeof values) =>
    client.insert({
      table: 'tf.items',
      columns: ['n'],
      values: some,
      format: 'JSONEachRow',
      clickhouse_settings: {
        insert_deduplication_token: token,
        deduplicate_blocks_in_dependent_materialized_views: 1,
      },
    });
  await insert('a', values); // more rows than the engine reads at a time
  expect(await parts()).toBe(1);
  await insert('a', values);
  await insert('b', values.slice(0, 10)); // the same rows under another token are other rows
  await insert('b', values.slice(0, 10));
  expect(await counts()).toEqual([1_500_010, 1_500_010]);
});

it('inserts nothing of a body that breaks off or does not parse', async () => {
  const path = `/?query=${encodeURIComponent('INSERT INTO tf.items FORMAT RowBinary')}`;
  const cut = await http(path, {
    method: 'POST',
    headers: auth(),
    body: Buffer.concat([item(1), item(2).subarray(0, 10)]),
  });
  expect([cut.status, cut.headers['x-clickhouse-exception-code']]).toEqual([400, '33']);
  await new Promise<void>((resolve) => {
    const req = request(`${engine.url}${path}`, {
      method: 'POST',
      headers: { ...auth(), 'Content-Length': '1000000' },
    });
    req.on('error', () => resolve());
    req.write(item(1), () => req.destroy(new Error('gone')));
  });
  await client.insert({ table: 'tf.items', values: [{ n: 9 }], format: 'JSONEachRow' });
  expect(await counts()).toEqual([1, 1]);
});

it('accepts an insert of nothing', async () => {
  const path = `/?query=${encodeURIComponent('INSERT INTO tf.items FORMAT RowBinary')}`;
  expect((await http(path, { method: 'POST', headers: auth() })).status).toBe(200);
  expect(await counts()).toEqual([0, 0]);
});
