/** The store's own account of what it holds, asked over ClickHouse's HTTP interface. */
import type { StoreAddress } from './server-process.ts';

const DATABASE = 'telemetry';

/** A statement's result in the format it names. */
export async function queryStore(store: StoreAddress, sql: string): Promise<Buffer> {
  const response = await fetch(`${store.url}/?database=${DATABASE}`, {
    method: 'POST',
    body: sql,
    headers: { 'x-clickhouse-user': store.username, 'x-clickhouse-key': store.password },
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) throw new Error(`the store answered ${response.status}: ${bytes.toString('utf8', 0, 500)}\n${sql}`);
  return bytes;
}

/** A statement's rows. */
export async function rowsOf<T>(store: StoreAddress, sql: string): Promise<T[]> {
  const bytes = await queryStore(
    store,
    `${sql} FORMAT JSONEachRow SETTINGS output_format_json_quote_64bit_integers = 0`,
  );
  const text = bytes.toString().trim();
  return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as T);
}

/** The only row of a statement. */
export async function rowOf<T>(store: StoreAddress, sql: string): Promise<T> {
  const [row] = await rowsOf<T>(store, sql);
  if (row === undefined) throw new Error(`no row: ${sql}`);
  return row;
}
