import { gunzipSync } from 'node:zlib';
import { SettingsMap, type ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  dir = await tempDir('tf embedded {1,2} [x] ');
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

describe('queries', () => {
  it('answers ping with and without a query', async () => {
    expect(await client.ping()).toEqual({ success: true });
    expect(await client.ping({ select: true })).toEqual({ success: true });
    expect((await http('/')).body.toString()).toBe('Ok.\n');
  });

  it.each(['JSON', 'JSONCompact', 'JSONEachRow', 'JSONCompactEachRowWithNamesAndTypes'] as const)(
    'gives %s',
    async (format) => {
      const result = await client.query({ query: 'SELECT number AS n, toString(number) AS s FROM numbers(3)', format });
      expect(JSON.stringify(await result.json())).toContain('"2"');
      expect(result.response_headers['x-clickhouse-format']).toBe(format);
    },
  );

  it.each([
    ['TabSeparatedWithNames', 'n\n0\n1\n'],
    ['CSV', '0\n1\n'],
  ] as const)('gives %s', async (format, text) => {
    expect(await (await client.query({ query: 'SELECT number AS n FROM numbers(2)', format })).text()).toBe(text);
  });

  it('gives Parquet and RowBinary as they are', async () => {
    const parquet = await http(`/?query=${encodeURIComponent('SELECT number FROM numbers(100000) FORMAT Parquet')}`, {
      headers: auth(),
    });
    expect(parquet.body.subarray(0, 4).toString()).toBe('PAR1');
    expect(parquet.body.subarray(-4).toString()).toBe('PAR1');
    const binary = await http('/?default_format=RowBinary', {
      method: 'POST',
      headers: auth(),
      body: "SELECT toUInt16(258), 'é'",
    });
    expect(binary.body).toEqual(Buffer.from([2, 1, 2, 0xc3, 0xa9]));
  });

  it('streams a large result', async () => {
    const result = await client.query({
      query: "SELECT number, repeat('x', 50) AS s FROM numbers(400000)",
      format: 'JSONEachRow',
    });
    let count = 0;
    for await (const chunk of result.stream()) count += chunk.length;
    expect(count).toBe(400_000);
  });

  it('binds parameters of every kind', async () => {
    const values = {
      s: 'it\'s \\ a\ttab\nline "q" ü 😀; -- x',
      a: ["x'y", 'z\\'],
      n: null,
      i: '18446744073709551615',
      m: { k: 1 },
      d: new Date(1_700_000_000_123),
      col: 'x',
    };
    const [row] = await rows<Record<string, unknown>>(
      client,
      `SELECT {s:String} AS s, {a:Array(String)} AS a, {n:Nullable(String)} AS n, toString({i:UInt64}) AS i, {m:Map(String, UInt8)} AS m,
              toUnixTimestamp64Milli({d:DateTime64(3)}) AS d, {col:Identifier} AS c FROM (SELECT 7 AS x)`,
      values,
    );
    expect(row).toEqual({ s: values.s, a: values.a, n: null, i: values.i, m: { k: 1 }, d: 1_700_000_000_123, c: 7 });
  });

  it('binds parameters of simultaneous queries each to its own', async () => {
    const answers = await Promise.all(
      Array.from(
        { length: 200 },
        async (_, i) =>
          (
            await rows<{ v: number }>(
              client,
              'SELECT toUInt32({i:UInt32} + sum(number) * 0) AS v FROM numbers(10000)',
              { i },
            )
          )[0]?.v,
      ),
    );
    expect(answers).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it('takes parameters and statement from a form', async () => {
    const result = await client.query({
      query: 'SELECT length({s:String}) AS n',
      query_params: { s: 'x'.repeat(100_000) },
      use_multipart_params: true,
      format: 'JSONEachRow',
    });
    expect(await result.json()).toEqual([{ n: 100_000 }]);
  });

  it('keeps settings and database within their request', async () => {
    const settings = { max_threads: 1, additional_table_filters: SettingsMap.from({ 'system.one': 'dummy = 1' }) };
    const filtered = await client.query({
      query: 'SELECT count() AS c FROM system.one',
      format: 'JSONEachRow',
      clickhouse_settings: settings,
    });
    expect(await filtered.json()).toEqual([{ c: 0 }]);
    expect(await rows(client, 'SELECT count() AS c FROM system.one')).toEqual([{ c: 1 }]);
    const other = clientOf(engine, { database: 'tf' });
    expect(await rows(other, 'SELECT currentDatabase() AS d')).toEqual([{ d: 'tf' }]);
    expect(await rows(client, 'SELECT currentDatabase() AS d')).toEqual([{ d: 'default' }]);
    await other.close();
  });

  it('compresses the result on request, and reads compressed bodies', async () => {
    const compressing = clientOf(engine, { compression: { request: true, response: true } });
    await compressing.command({ query: 'CREATE TABLE tf.gz (n UInt32) ENGINE = Memory' });
    await compressing.insert({ table: 'tf.gz', values: [{ n: 1 }, { n: 2 }], format: 'JSONEachRow' });
    expect(await number(compressing, 'SELECT sum(n) FROM tf.gz')).toBe(3);
    const raw = await http('/?enable_http_compression=1&query=SELECT%20number%20FROM%20numbers(1000)', {
      headers: { ...auth(), 'Accept-Encoding': 'gzip' },
    });
    expect(raw.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(raw.body).toString().split('\n')).toHaveLength(1001);
    await compressing.close();
  });

  it('answers SHOW, DESCRIBE, EXPLAIN and EXISTS', async () => {
    expect((await rows<{ name: string }>(client, 'SHOW DATABASES')).map((row) => row.name)).toContain('tf');
    expect(await rows(client, 'EXISTS DATABASE tf')).toEqual([{ result: 1 }]);
    expect((await rows<{ name: string }>(client, 'DESCRIBE TABLE system.one'))[0]?.name).toBe('dummy');
    expect((await rows(client, 'EXPLAIN SELECT 1')).length).toBeGreaterThan(0);
  });

  it('keeps no log tables', async () => {
    expect(
      await rows(client, "SELECT name FROM system.tables WHERE database = 'system' AND name LIKE '%_log'"),
    ).toEqual([]);
  });
});

describe('errors', () => {
  it.each([
    ['SELECT * FROM tf.nope', '60', 404],
    ['SELECT * FROM nope.t', '81', 404],
    ['SELEC 1', '62', 400],
    ['SELECT 1; SELECT 2', '62', 400],
    ['SELECT nope', '47', 404],
    ['SELECT throwIf(1)', '395', 500],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", '48', 501],
  ])('%s fails with code %s and status %s', async (sql, code, status) => {
    await expect(client.query({ query: sql, format: 'JSON' })).rejects.toMatchObject({ code });
    const raw = await http('/', { method: 'POST', headers: auth(), body: sql });
    expect(raw.status).toBe(status);
    expect(raw.headers['x-clickhouse-exception-code']).toBe(code);
    expect(raw.body.toString()).toMatch(new RegExp(`^Code: ${code}\\. DB::Exception: .*`));
  });

  it('refuses an unknown setting (115)', async () => {
    const raw = await http('/?no_such_setting=1&query=SELECT%201', { headers: auth() });
    expect([raw.status, raw.headers['x-clickhouse-exception-code']]).toEqual([404, '115']);
  });

  it('refuses a wrong, a missing and a mistaken password with 401 and 516', async () => {
    const wrong = clientOf(engine, { password: 'wrong' });
    await expect(wrong.query({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '516' });
    await wrong.close();
    const wrongHeaders: Array<Record<string, string>> = [
      {},
      { Authorization: 'Basic bm90aGluZw==' },
      { ...auth(), 'X-ClickHouse-User': 'default' },
    ];
    for (const headers of wrongHeaders) {
      expect((await http('/?query=SELECT%201', { headers })).status).toBe(401);
    }
    const url = `/?query=SELECT%201&user=${engine.username}&password=${engine.password}`;
    expect((await http(url)).body.toString()).toBe('1\n');
  });

  it('does not write on GET', async () => {
    await client.command({ query: 'CREATE TABLE IF NOT EXISTS tf.ro (n UInt32) ENGINE = Memory' });
    const raw = await http(`/?query=${encodeURIComponent('INSERT INTO tf.ro VALUES (1)')}`, { headers: auth() });
    expect(raw.headers['x-clickhouse-exception-code']).toBe('164');
  });

  it('ends a query at max_execution_time (159) and at the memory limit (241)', async () => {
    const heavy = { query: 'SELECT count() FROM numbers(1e12) WHERE sipHash64(number) = 1', format: 'JSON' } as const;
    await expect(client.query({ ...heavy, clickhouse_settings: { max_execution_time: 1 } })).rejects.toMatchObject({
      code: '159',
    });
    await expect(
      client.command({ query: 'SELECT groupArray(number) FROM numbers(1e9) FORMAT Null' }),
    ).rejects.toMatchObject({ code: '241' });
    expect(engine.restarts).toBe(0);
  });

  it('refuses a body that is not what its encoding says, and one in an unknown encoding', async () => {
    const path = `/?query=${encodeURIComponent('INSERT INTO tf.gz FORMAT JSONEachRow')}`;
    const broken = await http(path, {
      method: 'POST',
      headers: { ...auth(), 'Content-Encoding': 'gzip' },
      body: 'not gzip',
    });
    expect(broken.status).toBe(400);
    const unknown = await http(path, { method: 'POST', headers: { ...auth(), 'Content-Encoding': 'lzma' }, body: 'x' });
    expect(unknown.status).toBe(501);
  });
});

describe('a client that goes away', () => {
  const running = () =>
    number(
      client,
      "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%system.processes%'",
    );
  const endless = 'SELECT count() FROM numbers(1e13) WHERE sipHash64(number) = 1';

  // With parameters the engine writes the statement anew.
  it.each([
    ['query', endless, {}],
    ['query with parameters', endless.replace('= 1', '= {one:UInt64}'), { one: '1' }],
  ])('ends its %s', async (_, statement, params) => {
    const abort = new AbortController();
    const query = client
      .query({ query: statement, query_params: params, abort_signal: abort.signal })
      .catch((error: Error) => error.message);
    await eventually('the query runs', async () => (await running()) === 1);
    abort.abort();
    expect(await query).toContain('aborted');
    await eventually('the query is gone', async () => (await running()) === 0, 5_000);
  });

  it.each([
    [endless, {}],
    [endless.replace('= 1', '= {one:UInt64}'), { one: '1' }],
  ])('can be KILLed by its query id: %s', async (statement, params) => {
    const query = client
      .query({ query: statement, query_params: params, query_id: 'my-query' })
      .catch((error: { code?: string }) => error.code);
    await eventually('the query runs', async () => (await running()) === 1);
    await client.command({ query: "KILL QUERY WHERE query_id = 'my-query'" });
    expect(await query).toBe('394');
  });

  it('leaves room: ping and inserts go on while all readers are busy', async () => {
    await client.command({ query: 'CREATE TABLE IF NOT EXISTS tf.busy (n UInt32) ENGINE = MergeTree ORDER BY n' });
    const abort = new AbortController();
    const many = clientOf(engine, { max_open_connections: 50 });
    const queries = Array.from({ length: 30 }, () =>
      many
        .query({ query: endless, abort_signal: abort.signal, clickhouse_settings: { max_threads: 1 } })
        .catch(() => undefined),
    );
    await client.insert({ table: 'tf.busy', values: [{ n: 1 }], format: 'JSONEachRow' });
    expect(await client.ping()).toEqual({ success: true });
    abort.abort();
    await Promise.all(queries);
    await eventually('waiting and running queries are gone', async () => (await running()) === 0);
    expect(await number(client, 'SELECT count() FROM tf.busy')).toBe(1);
    await many.close();
  });
});
