import { Injectable } from '@nestjs/common';
import { formatField, TFQL_FIELDS, type Field, type FieldsQuery, type FieldsResponse } from '@telemetryflow/contracts';
import { compileAttributeKeys, compileResourceKeys } from '../compiler/fields.js';
import { DAY_MS } from '../step.js';
import { TelemetryStore, type ReadScope } from '../store.js';

interface KeyRow {
  readonly name: string;
  readonly type: string;
}

const TYPES: Readonly<Record<string, Field['type']>> = { i: 'number', d: 'number', b: 'boolean' };

/** What can be written in a filter: the signal's own fields, then attribute and resource keys that were seen. */
@Injectable()
export class FieldReader {
  constructor(private readonly store: TelemetryStore) {}

  /** @throws DomainError UNAVAILABLE */
  async list({ signal, search }: FieldsQuery, scope: ReadScope, nowMs = Date.now()): Promise<FieldsResponse> {
    const range = { fromNs: BigInt(nowMs - DAY_MS) * 1_000_000n, toNs: BigInt(nowMs + DAY_MS) * 1_000_000n };
    const [attributes, resources] = await Promise.all([
      this.store.query<KeyRow>(compileAttributeKeys(scope.tenantId, signal, range, search), scope),
      this.store.query<KeyRow>(compileResourceKeys(scope.tenantId, search), scope),
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
}

function keyField({ name, type }: KeyRow, source: 'attribute' | 'resource', prefix: string): Field {
  return { name: formatField(prefix + name), source, type: TYPES[type] ?? 'string' };
}
