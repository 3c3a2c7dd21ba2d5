import { SettingsMap, type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';
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
} from '../testing/harness.js';
import type { EmbeddedClickHouse } from '../types.js';
import { startEmbeddedClickHouse } from './start.js';

let dir: Awaited<ReturnType<typeof tempDir>>;
let engine: EmbeddedClickHouse;
let client: ClickHouseClient;

beforeAll(async () => {
  dir = await tempDir('tf-idle-connections-');
  engine = await startEmbeddedClickHouse({ dataDir: dir.path, logger: recordingLogger(), memoryLimitBytes: 2 ** 30 });
  client = clientOf(engine);
  await client.command({ query: 'CREATE DATABASE tf' });
});

afterAll(async () => {
  await client?.close();
  await engine?.stop();
  await dir?.remove();
});

describe('readers on connections that serve again', () => {
  const read = async <T>(query: string, params: Record<string, unknown> = {}, settings: ClickHouseSettings = {}) =>
    (
      await client.query({
        query,
        query_params: params,
        format: 'JSONEachRow',
        clickhouse_settings: { readonly: '2', ...settings },
      })
    ).json<T>();

  it('binds the parameters of simultaneous queries each to its own', async () => {
    const values = Array.from({ length: 200 }, (_, i) => i);
    const answers = values.map((i) =>
      read('SELECT toUInt32({i:UInt32} + sum(number) * 0) AS v FROM numbers(10000)', { i }),
    );
    expect(await Promise.all(answers)).toEqual(values.map((v) => [{ v }]));
  });

  it('sets the same settings to the values of each', async () => {
    const filter = (condition: string) => ({
      additional_table_filters: SettingsMap.from({ 'system.one': condition }),
    });
    for (const [condition, c] of [
      ['dummy = 1', 0],
      ['dummy = 0', 1],
      ['dummy = 2', 0],
    ] as const) {
      expect(await read('SELECT count() AS c FROM system.one', {}, filter(condition))).toEqual([{ c }]);
    }
  });

  it('keeps neither settings nor parameters of the one before', async () => {
    const blockSize = "getSetting('max_block_size') AS size";
    expect(await read(`SELECT {i:UInt32} AS v, ${blockSize}`, { i: 5 }, { max_block_size: '100' })).toEqual([
      { v: 5, size: 100 },
    ]);
    await expect(read('SELECT {i:UInt32} AS v', { j: 6 }, { max_block_size: '100' })).rejects.toThrow(/`i`/);
    expect(await read(`SELECT ${blockSize}`, { i: 5 }, { max_threads: 1 })).not.toEqual([{ size: 100 }]);
  });

  it('answers after a statement that failed, and still refuses to write', async () => {
    await expect(read('SELECT throwIf({i:UInt32} = 5)', { i: 5 })).rejects.toThrow(/throwIf/);
    expect(await read('SELECT {i:UInt32} AS v', { i: 5 })).toEqual([{ v: 5 }]);
    await expect(read('CREATE TABLE tf.no (n UInt32) ENGINE = Memory', { i: 5 })).rejects.toThrow(/readonly/);
    expect(await read('SELECT {i:UInt32} AS v', { i: 6 })).toEqual([{ v: 6 }]);
  });

  it('forgets what a statement set for itself alone', async () => {
    const size = async (clause: string) =>
      (await read<{ s: string }>(`SELECT toString(getSetting('max_block_size')) AS s ${clause}`))[0]?.s;
    const usual = await size('');
    expect(await size('SETTINGS max_block_size = 77')).toBe('77');
    expect(await size('')).toBe(usual);
    const count = 'SELECT count() AS c FROM system.one';
    const filter = "SETTINGS additional_table_filters = {'system.one': 'dummy = 1'}";
    expect(await read(`${count} ${filter}`)).toEqual([{ c: 0 }]);
    expect(await read(count)).toEqual([{ c: 1 }]);
    await expect(read('SELECT 1 SETTINGS readonly = 0')).rejects.toThrow(/readonly/);
  });

  it('filters for each of simultaneous tenants, scalar subqueries too', async () => {
    await client.command({ query: 'CREATE TABLE tf.tenants (tenant UInt8, v UInt32) ENGINE = MergeTree ORDER BY v' });
    await client.command({ query: 'INSERT INTO tf.tenants SELECT number % 10, number FROM numbers(1000)' });
    const query =
      'WITH (SELECT (min(v), count()) FROM tf.tenants) AS b SELECT b.1 AS lowest, toUInt32(b.2) AS all, toUInt32(count()) AS own FROM tf.tenants WHERE v >= b.1';
    const answers = Array.from({ length: 200 }, (_, i) =>
      read(query, {}, { additional_table_filters: SettingsMap.from({ 'tf.tenants': `tenant = ${i % 10}` }) }),
    );
    expect(await Promise.all(answers)).toEqual(answers.map((_, i) => [{ lowest: i % 10, all: 100, own: 100 }]));
  });

  it('answers each its own while others of the same shape are cancelled', async () => {
    const ask = (rows: number, i: number, signal?: AbortSignal) =>
      client
        .query({
          query:
            'SELECT toUInt32(count() * 0 + {i:UInt32}) AS v FROM numbers({rows:UInt64}) WHERE sipHash64(number) != 1',
          query_params: { rows, i },
          format: 'JSONEachRow',
          clickhouse_settings: { readonly: '2', max_threads: 1 },
          ...(signal && { abort_signal: signal }),
        })
        .then((result) => result.json());
    const abort = new AbortController();
    const endless = Array.from({ length: 2 }, () => ask(1e13, 0, abort.signal).catch((error: Error) => error.message));
    const running = () =>
      number(
        client,
        "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND query NOT LIKE '%system.processes%'",
      );
    await eventually('they run', async () => (await running()) === 2);
    const answers = Array.from({ length: 100 }, (_, i) => ask(1, i));
    abort.abort();
    expect(await Promise.all(answers)).toEqual(answers.map((_, v) => [{ v }]));
    for (const message of await Promise.all(endless)) expect(message).toContain('aborted');
  });

  it('answers after settings that could not be made, with the values of the request', async () => {
    const ask = (threads: string) =>
      rawRequest(engine, `/?readonly=2&max_threads=${threads}&param_a=${threads}&query=${query}`, {
        headers: credentials(engine),
      });
    const query = encodeURIComponent("SELECT {a:String}, getSetting('max_threads')");
    expect((await ask('1')).body.toString()).toBe('1\t1\n');
    expect((await ask('many')).status).toBe(400);
    expect((await ask('2')).body.toString()).toBe('2\t2\n');
  });

  it('stays in the database of the request', async () => {
    const other = clientOf(engine, { database: 'tf', clickhouse_settings: { readonly: '2' } });
    for (let time = 0; time < 2; time += 1) {
      expect(await rows(other, 'SELECT currentDatabase() AS d')).toEqual([{ d: 'tf' }]);
      expect(await read('SELECT currentDatabase() AS d')).toEqual([{ d: 'default' }]);
    }
    await other.close();
  });
});
