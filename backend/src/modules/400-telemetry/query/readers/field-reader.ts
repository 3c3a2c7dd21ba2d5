import { Injectable } from '@nestjs/common';
import {
  formatField,
  resolveTfqlField,
  TFQL_FIELDS,
  type Field,
  type FieldsQuery,
  type FieldsResponse,
  type FieldValuesQuery,
  type FieldValuesResponse,
} from '@telemetryflow/contracts';
import { compileAttributeKeys, compileAttributeValues, type AttributeSource } from '../compiler/fields.js';
import { DAY_MS } from '../step.js';
import { TelemetryStore, type ReadScope } from '../store.js';

interface KeyRow {
  readonly name: string;
  readonly type: string;
}

const TYPES: Readonly<Record<string, Field['type']>> = { i: 'number', d: 'number', b: 'boolean' };

/** Keys and values that came in within so many days are offered. */
const OFFERED_DAYS = 7;

/** What can be written in a filter: the signal's own fields, attribute and resource keys that were seen, their values. */
@Injectable()
export class FieldReader {
  constructor(private readonly store: TelemetryStore) {}

  /** @throws DomainError UNAVAILABLE */
  async list({ signal, search }: FieldsQuery, scope: ReadScope, nowMs = Date.now()): Promise<FieldsResponse> {
    const sinceMs = nowMs - OFFERED_DAYS * DAY_MS;
    const [attributes, resources] = await Promise.all([
      this.store.query<KeyRow>(compileAttributeKeys(scope.tenantId, signal, sinceMs, search), scope),
      this.store.query<KeyRow>(compileAttributeKeys(scope.tenantId, 'resources', sinceMs, search), scope),
    ]);
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
   * Values of an attribute or resource key, most frequent first; none for the signal's own fields.
   *
   * @throws DomainError UNAVAILABLE
   */
  async values(query: FieldValuesQuery, scope: ReadScope, nowMs = Date.now()): Promise<FieldValuesResponse> {
    const { signal, field, search } = query;
    const target = resolveTfqlField(field, signal);
    if (target.kind === 'field') return { data: [] };
    const sources: AttributeSource[] = target.kind === 'attribute' ? [signal] : ['resources'];
    if (target.kind === 'any') sources.unshift(signal);
    const found = await Promise.all(
      sources.map((source) =>
        this.store.query<{ value: string }>(
          compileAttributeValues(scope.tenantId, source, target.key, nowMs - OFFERED_DAYS * DAY_MS, search),
          scope,
        ),
      ),
    );
    return { data: [...new Set(found.flat().map(({ value }) => value))] };
  }
}

function keyField({ name, type }: KeyRow, source: 'attribute' | 'resource', prefix: string): Field {
  return { name: formatField(prefix + name), source, type: TYPES[type] ?? 'string' };
}
