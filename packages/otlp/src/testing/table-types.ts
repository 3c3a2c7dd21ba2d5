import { readdirSync, readFileSync } from 'node:fs';
import type { TableName } from '../tables.js';

const migrations = new URL('../../../../backend/migrations/clickhouse/', import.meta.url);

/** The statements of all migrations of the store, as one node runs them. */
export function migrationStatements(): string[] {
  return readdirSync(migrations)
    .toSorted()
    .map((name) => readFileSync(new URL(name, migrations), 'utf8'))
    .join('\n')
    .replaceAll('{{on_cluster}}', '')
    .replace(/\{\{engine:((?:[^{}])*)\}\}/g, '$1')
    .replace(/^--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}

/** Column name to ClickHouse type, as the migration declares them; without columns that the store fills in itself. */
export function columnTypes(table: TableName): ReadonlyMap<string, string> {
  const known = cache.get(table) ?? parseColumns(table);
  cache.set(table, known);
  return known;
}

const cache = new Map<TableName, ReadonlyMap<string, string>>();

function parseColumns(table: TableName): ReadonlyMap<string, string> {
  const create = migrationStatements().find((statement) =>
    new RegExp(`^CREATE TABLE IF NOT EXISTS ${table}\\s`).test(statement),
  );
  if (create === undefined) throw new Error(`the migration does not create ${table}`);
  const types = new Map<string, string>();
  for (const line of create.split('\n')) {
    const column = /^ {4}`?([a-z_.]+)`?\s+([A-Z].*?)(?:\s+CODEC\(.*)?,?$/.exec(line);
    if (column !== null && !/ (DEFAULT|MATERIALIZED) /.test(column[2]!)) types.set(column[1]!, column[2]!);
  }
  return types;
}
