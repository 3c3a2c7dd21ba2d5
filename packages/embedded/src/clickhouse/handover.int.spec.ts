import { randomUUID } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clientOf, number, recordingLogger, tempDir } from '../testing/harness.js';
import type { EmbeddedClickHouse, FileHandover } from '../types.js';
import { startEmbeddedClickHouse } from './start.js';

let dir: Awaited<ReturnType<typeof tempDir>>;
let engine: EmbeddedClickHouse;
let client: ClickHouseClient;
let handover: FileHandover;

beforeAll(async () => {
  dir = await tempDir('tf-handover-');
  engine = await startEmbeddedClickHouse({ dataDir: dir.path, logger: recordingLogger(), memoryLimitBytes: 2 ** 30 });
  client = clientOf(engine);
  if (engine.handover === undefined) throw new Error('a folder without glob characters allows handing over');
  handover = engine.handover;
  await client.command({
    query:
      'CREATE TABLE items (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 1000',
  });
});

afterAll(async () => {
  await client?.close();
  await engine?.stop();
  await dir?.remove();
});

const rowsFrom = (first: number, count: number) => {
  const bytes = Buffer.alloc(8 * count);
  for (let i = 0; i < count; i++) bytes.writeBigUInt64LE(BigInt(first + i), 8 * i);
  return bytes;
};
const count = () => number(client, 'SELECT count() FROM items');

const insert = (name: string, token: string) =>
  client.command({
    query: 'INSERT INTO items (n) FORMAT RowBinary',
    http_headers: { [handover.header]: name },
    clickhouse_settings: { insert_deduplication_token: token },
  });

async function handOver(rows: Buffer): Promise<string> {
  const name = `handed-${randomUUID()}`;
  await writeFile(join(handover.dir, name), rows);
  return name;
}

it('inserts all rows of a file as one block, once per token, and leaves the file to its sender', async () => {
  const name = await handOver(rowsFrom(0, 200_000));
  await insert(name, 'a');
  await insert(name, 'a');
  expect(await count()).toBe(200_000);
  expect(await number(client, "SELECT count() FROM system.parts WHERE active AND table = 'items'")).toBe(1);
  expect(await readdir(handover.dir)).toEqual([name]);
  await rm(join(handover.dir, name));
});

it('inserts nothing of a file that is cut short', async () => {
  const before = await count();
  const name = await handOver(rowsFrom(0, 1000).subarray(0, 7999));
  await expect(insert(name, 'cut')).rejects.toMatchObject({ code: '33' });
  expect(await count()).toBe(before);
});

it('tells by NETWORK_ERROR that a file is gone, so that the sender comes again', async () => {
  await expect(insert(`handed-${randomUUID()}`, 'gone')).rejects.toMatchObject({ code: '210' });
});

it.each(['../config.xml', '/etc/passwd', `handed-${randomUUID()}/../../config.xml`, 'in-1'])(
  'reads no file of another name: %s',
  async (name) => {
    await expect(insert(name, 'foreign')).rejects.toMatchObject({ code: '36' });
  },
);
