import { Injectable } from '@nestjs/common';
import {
  formatField,
  resolveTfqlField,
  Severity,
  TFQL_FIELDS,
  type Field,
  type FieldsQuery,
  type FieldsResponse,
  type FieldValuesQuery,
  type FieldValuesResponse,
  type TfqlExpression,
} from '@telemetryflow/contracts';
import { SPAN_KINDS, STATUS_CODES } from '../compiler/field-match.js';
import { compileAttributeKeys, compileAttributeValues, type AttributeSource } from '../compiler/fields.js';
import {
  compileMatchingKeys,
  compileMatchingValues,
  compileServiceNames,
  type Matching,
} from '../compiler/matching-names.js';
import type { Statement } from '../compiler/parameters.js';
import { parseRange } from '../range.js';
import { DAY_MS } from '../step.js';
import { parseFilter, TelemetryStore, withFilterErrors, type ReadScope } from '../store.js';

interface KeyRow {
  /** Absent: those of the matching records. */
  readonly source?: AttributeSource;
  readonly name: string;
  readonly type: string;
}

interface ValueRow {
  /** Absent: what matching records have, or their resources, in the order of the statements. */
  readonly source?: AttributeSource;
  readonly value: string;
}

const TYPES: Readonly<Record<string, Field['type']>> = { i: 'number', d: 'number', b: 'boolean' };

/** Keys and values that came in within so many days are offered. */
const OFFERED_DAYS = 7;

/** Fields that can only be one of these. */
const ENUMERATIONS = new Map<string, readonly string[]>([
  ['kind', SPAN_KINDS],
  ['status', STATUS_CODES],
  ['severity', Severity.options.filter((name) => name !== 'unspecified')],
]);

/**
 * What can be written in a filter: the signal's own fields, attribute and resource keys that were seen, their values. The
 * rollups know it for all records; with a filter, the records of the range that it finds are looked at, for as long as
 * somebody who types would wait.
 */
@Injectable()
export class FieldReader {
  constructor(private readonly store: TelemetryStore) {}

  /** @throws DomainError QUERY_SYNTAX, UNAVAILABLE; ValidationError for a range that is none */
  async list(query: FieldsQuery, scope: ReadScope, nowMs = Date.now()): Promise<FieldsResponse> {
    const { signal, search } = query;
    const sinceMs = nowMs - OFFERED_DAYS * DAY_MS;
    const filter = parseFilter(query.filter);
    const known = (...sources: readonly AttributeSource[]) =>
      this.store.query<KeyRow>(compileAttributeKeys(scope.tenantId, sources, sinceMs, search), scope);
    const matchingKeys = () =>
      this.store.query<KeyRow>(
        withFilterErrors(() => compileMatchingKeys(matching(query, filter, scope, nowMs), search)),
        scope,
      );
    const keys =
      filter.kind === 'all'
        ? await known(signal, 'resources')
        : (await Promise.all([matchingKeys(), known('resources')])).flat();
    const resources = keys.filter(({ source }) => source === 'resources');
    const attributes = keys.filter(({ source }) => source !== 'resources');
    const own = TFQL_FIELDS.filter(
      (f) => (f.signals as readonly string[]).includes(signal) && f.name.includes(search.toLowerCase()),
    );
    return {
      data: [
        ...own.map(({ name, type }): Field => ({ name, type, source: 'field' })),
        ...attributes.map((row) => keyField(row, 'attribute', '')),
        ...resources.filter((row) => row.name !== 'service.name').map((row) => keyField(row, 'resource', 'resource.')),
      ],
    };
  }

  /**
   * Values of a field, most frequent first; none for ids, durations and bodies.
   *
   * @throws DomainError QUERY_SYNTAX, UNAVAILABLE; ValidationError for a range that is none
   */
  async values(query: FieldValuesQuery, scope: ReadScope, nowMs = Date.now()): Promise<FieldValuesResponse> {
    const { signal, field, search } = query;
    const target = resolveTfqlField(field, signal);
    const known = target.kind === 'field' ? ENUMERATIONS.get(target.name) : undefined;
    if (known !== undefined) return { data: known.filter((name) => name.includes(search.toLowerCase())) };
    const filter = parseFilter(query.filter);
    const records = matching(query, filter, scope, nowMs);
    const statements =
      rolledUpValues(query, records, nowMs) ?? withFilterErrors(() => compileMatchingValues(records, field, search));
    const found = (await Promise.all(statements.map((s) => this.store.query<ValueRow>(s, scope)))).flat();
    const own = found.filter(({ source }) => source !== 'resources');
    const inherited = found.filter(({ source }) => source === 'resources');
    return { data: [...new Set([...own, ...inherited].map(({ value }) => value))] };
  }
}

/** What the rollups know without looking at records; undefined where they don't. */
function rolledUpValues(
  { field, search }: FieldValuesQuery,
  records: Matching,
  nowMs: number,
): readonly Statement[] | undefined {
  const { tenantId, signal, filter } = records;
  if (filter.kind !== 'all') return undefined;
  const target = resolveTfqlField(field, signal);
  if (target.kind === 'field') {
    const isService = target.name === 'service.name' && signal !== 'metrics';
    return isService ? [compileServiceNames({ ...records, signal }, search)] : undefined;
  }
  const sources: AttributeSource[] = target.kind === 'attribute' ? [signal] : ['resources'];
  if (target.kind === 'any') sources.unshift(signal);
  const sinceMs = nowMs - OFFERED_DAYS * DAY_MS;
  return [compileAttributeValues(tenantId, sources, target.key, sinceMs, search)];
}

function matching(query: FieldsQuery, filter: TfqlExpression, { tenantId }: ReadScope, nowMs: number): Matching {
  return { tenantId, signal: query.signal, range: parseRange(query, nowMs), filter };
}

function keyField({ name, type }: KeyRow, source: 'attribute' | 'resource', prefix: string): Field {
  return { name: formatField(prefix + name), source, type: TYPES[type] ?? 'string' };
}
