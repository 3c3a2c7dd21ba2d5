/** What the store holds, told in OTLP's words: the one place of the tests that knows how attributes are laid out. */
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { TABLES, type Signal, type TableName } from '@telemetryflow/otlp';
import { resolveTables } from '../../../packages/otlp/src/testing/compare.js';
import { readRows, type Row } from '../../../packages/otlp/src/testing/rowbinary-reader.js';

/** Bytes are given as hex, arrays and key-value lists as the JSON text that people see. */
export type Value = string | number | bigint | boolean | null | { bytes: string } | { json: string };
export type Attributes = Record<string, Value>;
/** An item with its resource, scope and, for data points, series; every attribute list is decoded. */
// oxlint-disable-next-line typescript/no-explicit-any -- rows of many shapes, taken apart by name in assertions
export type Item = Record<string, any>;

export interface Stored {
  readonly items: Row[];
  readonly exemplars: Row[];
}

export interface StoreAddress {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** Reads the telemetry tables as they are, past the query API. */
export class StoreReader {
  readonly #client: ClickHouseClient;

  constructor(address: StoreAddress, database: string) {
    this.#client = createClient({ ...address, database });
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** Rows of all tables that belong to the services, in the form that the transcoder's own tests compare. */
  async resolved(signal: Signal, services: readonly string[]): Promise<Stored> {
    return resolveTables(await this.#tables(signal, services));
  }

  /** Items of the services with their attributes decoded. */
  async items(signal: Signal, services: readonly string[]): Promise<{ items: Item[]; exemplars: Item[] }> {
    const { items, exemplars } = await this.resolved(signal, services);
    return { items: items.map(decoded), exemplars: exemplars.map(decoded) };
  }

  /** How many items and exemplars of the signal the services have. */
  async count(signal: Signal, services: readonly string[]): Promise<{ items: number; exemplars: number }> {
    const { spans, series } = conditions(services);
    const n = (from: string) => `(SELECT count() FROM ${from})`;
    const items = {
      traces: n(`spans_v3 WHERE ${spans}`),
      logs: n(`logs_v3 WHERE ${spans}`),
      metrics: `${n(`metrics_v3 WHERE ${series}`)} + ${n(`histograms_v3 WHERE ${series}`)}`,
    }[signal];
    const exemplars = signal === 'metrics' ? n(`exemplars_v3 WHERE ${series}`) : '0';
    const query = `SELECT ${items} AS items, ${exemplars} AS exemplars`;
    const result = await this.#client.query({ query, format: 'JSONEachRow' });
    const [row] = await result.json<{ items: string; exemplars: string }>();
    return { items: Number(row?.items), exemplars: Number(row?.exemplars) };
  }

  async #tables(signal: Signal, services: readonly string[]): Promise<Record<TableName, Row[]>> {
    const { spans, series } = conditions(services);
    const ofSignal: readonly TableName[] = {
      traces: ['spans_v3'] as const,
      logs: ['logs_v3'] as const,
      metrics: ['series_v3', 'metrics_v3', 'histograms_v3', 'exemplars_v3'] as const,
    }[signal];
    const wheres: Record<TableName, string> = {
      resources_v3: `${spans} LIMIT 1 BY tenant_id, resource_id`,
      scopes_v3: `scope_id IN (SELECT scope_id FROM ${ofSignal[0]} WHERE ${spans}) LIMIT 1 BY tenant_id, scope_id`,
      spans_v3: spans,
      logs_v3: spans,
      series_v3: `${spans} LIMIT 1 BY tenant_id, series_id`,
      metrics_v3: series,
      histograms_v3: series,
      exemplars_v3: series,
    };
    const entries = await Promise.all(
      (Object.keys(TABLES) as TableName[]).map(async (table) => {
        const isWanted = table === 'resources_v3' || table === 'scopes_v3' || ofSignal.includes(table);
        return [table, isWanted ? await this.#rows(table, wheres[table]) : []] as const;
      }),
    );
    return Object.fromEntries(entries) as Record<TableName, Row[]>;
  }

  /** The store gives rows in the very encoding that they were written in. */
  async #rows(table: TableName, where: string): Promise<Row[]> {
    const columns = TABLES[table].columns.map((name) => `\`${name}\``).join(', ');
    const { stream } = await this.#client.exec({
      query: `SELECT ${columns} FROM ${table} WHERE ${where} FORMAT RowBinary`,
    });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return readRows({ table, bytes: Buffer.concat(chunks) });
  }
}

/** Names are the tests' own and hold no quotes. */
function conditions(services: readonly string[]): { spans: string; series: string } {
  const spans = `service_name IN (${services.map((name) => `'${name}'`).join(', ')})`;
  return { spans, series: `series_id IN (SELECT series_id FROM series_v3 WHERE ${spans})` };
}

type Pairs = [string, string][];

function decoded(row: Row): Item {
  const item: Item = {};
  for (const [column, value] of Object.entries(row)) {
    if (/(?:attribute|metadata)_types$/.test(column)) continue;
    if (column === 'attributes') item[column] = attributesOf(value as Pairs, row['attribute_types'] as string);
    else if (column === 'metadata') item[column] = attributesOf(value as Pairs, row['metadata_types'] as string);
    else if (/^(?:events|links)\.attributes$/.test(column)) {
      const types = row[column.replace('attributes', 'attribute_types')] as string[];
      item[column] = (value as Pairs[]).map((pairs, i) => attributesOf(pairs, types[i]!));
    } else if (column === 'body') item[column] = valueOf(value as string, row['body_type'] as string);
    else if (['resource', 'scope', 'series'].includes(column)) item[column] = decoded(value as Row);
    else item[column] = value;
  }
  return item;
}

function attributesOf(pairs: Pairs, types: string): Attributes {
  return Object.fromEntries(pairs.map(([key, text], i) => [key, valueOf(text, types[i]!)]));
}

function valueOf(text: string, type: string): Value {
  switch (type) {
    case 's':
      return text;
    case 'i':
      return BigInt(text);
    case 'd':
      return Number(text);
    case 'b':
      return text === 'true';
    case 'e':
      return null;
    case 'y':
      return { bytes: Buffer.from(text, 'base64').toString('hex') };
    case 'j':
      return { json: text };
    default:
      throw new Error(`no attribute type has the letter ${type}`);
  }
}
