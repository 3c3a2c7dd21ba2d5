import type { TranscodeResult } from '../api.js';
import { TABLES, type TableName } from '../tables.js';
import { rowsByTable, type Row } from './rowbinary-reader.js';

/** A result with identities resolved: item rows hold the content of their resource, scope and series, as the oracle's do. */
export interface Resolved {
  items: Row[];
  exemplars: Row[];
  rejections: Map<string, number>;
}

/** Columns that say where a row came from and are no content. */
const PLUMBING = ['tenant_id', 'last_seen', 'resource_id', 'scope_id', 'series_id', 'id', 'service_name'];

function content(row: Row, ...also: string[]): Row {
  return Object.fromEntries(Object.entries(row).filter(([key]) => !PLUMBING.includes(key) || also.includes(key)));
}

export function resolve(result: TranscodeResult): Resolved {
  return { ...resolveTables(rowsByTable(result.blocks)), rejections: new Map(result.rejections) };
}

/** Rows of all tables, as written or as read back from the store, with their identities resolved. */
export function resolveTables(tables: Readonly<Record<TableName, Row[]>>): Pick<Resolved, 'items' | 'exemplars'> {
  const lookup = (rows: Row[], idColumn: string, id: unknown): Row => {
    const found = rows.filter((row) => row[idColumn] === id);
    if (found.length !== 1) throw new Error(`${found.length} rows for ${idColumn} ${String(id)}`);
    return found[0]!;
  };
  const origin = (row: Row): Row => {
    const resource = lookup(tables.resources_v3, 'resource_id', row['resource_id']);
    if (resource['service_name'] !== row['service_name']) throw new Error('service names differ');
    const scope = lookup(tables.scopes_v3, 'scope_id', row['scope_id']);
    return { service_name: row['service_name'], resource: content(resource), scope: content(scope) };
  };
  const point = (row: Row): Row => {
    const series = lookup(tables.series_v3, 'series_id', row['series_id']);
    return { ...content(row), series: { ...content(series), ...origin(series) } };
  };
  const numbers = tables.metrics_v3.map(point);
  return {
    items: [
      ...[...tables.spans_v3, ...tables.logs_v3].map((row) => ({ ...content(row), ...origin(row) })),
      ...numbers,
      ...tables.histograms_v3.map(point),
    ],
    exemplars: tables.exemplars_v3.map(point),
  };
}

/** Number points come before histograms in results, whatever their order in the request. */
export function inTableOrder(items: Row[]): Row[] {
  const isHistogram = (row: Row): boolean => 'explicit_bounds' in row;
  return [...items.filter((row) => !isHistogram(row)), ...items.filter(isHistogram)];
}

/**
 * What the oracle's rows look like through identities: of several accepted items that share one identity, the first
 * says in which order its attributes are listed, and for series what description and metadata are.
 */
export function throughIdentities(expected: Resolved): Resolved {
  const first = new Map<string, Row>();
  const through = (kind: string, row: Row, ...free: string[]): Row => {
    const key = kind + identityKey(row, free);
    if (!first.has(key)) first.set(key, row);
    return first.get(key)!;
  };
  const origin = (row: Row): Row => ({
    ...row,
    resource: through('resource', row['resource'] as Row, 'service_name'),
    scope: through('scope', row['scope'] as Row),
  });
  const whole = (row: Row): Row => {
    if (row['series'] === undefined) return origin(row);
    const series = origin(row['series'] as Row);
    return { ...row, series: through('series', series, 'description', 'metadata', 'metadata_types') };
  };
  return {
    items: expected.items.map(whole),
    exemplars: expected.exemplars.map(whole),
    rejections: expected.rejections,
  };
}

function identityKey(row: Row, free: string[]): string {
  const kept = Object.entries(row).filter(([key]) => !free.includes(key) && key !== 'attribute_types');
  const sorted = kept.map(([key, value]) => {
    if (key === 'resource' || key === 'scope') return [key, identityKey(value as Row, [])];
    if (key !== 'attributes') return [key, value];
    const types = [...(row['attribute_types'] as string)];
    return [key, (value as [string, string][]).map((pair, i) => JSON.stringify([...pair, types[i]])).toSorted()];
  });
  return JSON.stringify(sorted);
}

/** The rows by table, log ids left out, and the warnings: for comparing two results. */
export function snapshot(result: TranscodeResult): Record<string, unknown> {
  const tables = rowsByTable(result.blocks);
  for (const row of tables.logs_v3) delete row['id'];
  const rows = Object.keys(TABLES).map((table) => [table, tables[table as keyof typeof tables]]);
  return { ...Object.fromEntries(rows), warnings: [...result.warnings] };
}
