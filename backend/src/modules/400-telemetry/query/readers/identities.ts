import { Injectable } from '@nestjs/common';
import type { Attributes, Scope } from '@telemetryflow/contracts';
import { Parameters } from '../compiler/parameters.js';
import { TelemetryStore, type ReadScope } from '../store.js';
import { attributeColumns, decodeAttributes } from './attributes.js';

interface ResourceRow {
  readonly id: string;
  readonly aKeys: string[];
  readonly aValues: string[];
  readonly aTypes: string;
}
interface ScopeRow extends ResourceRow {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
}

const NO_SCOPE: Scope = { name: '', version: '', attributes: {}, schemaUrl: '' };

/** The resources and instrumentation scopes that a page of rows refers to. */
export interface PageIdentities {
  resource(id: string): Attributes;
  scope(id: string): Scope;
}

/** Looks up what rows share: fetched once per page, after the page is known. */
@Injectable()
export class IdentityReader {
  constructor(private readonly store: TelemetryStore) {}

  async of(rows: readonly { resourceId: string; scopeId: string }[], scope: ReadScope): Promise<PageIdentities> {
    const [resources, scopes] = await Promise.all([
      this.resources([...new Set(rows.map((row) => row.resourceId))], scope),
      this.scopes([...new Set(rows.map((row) => row.scopeId))], scope),
    ]);
    return { resource: (id) => resources.get(id) ?? {}, scope: (id) => scopes.get(id) ?? NO_SCOPE };
  }

  private async resources(ids: readonly string[], scope: ReadScope): Promise<Map<string, Attributes>> {
    if (ids.length === 0) return new Map();
    const params = new Parameters(scope.tenantId);
    const rows = await this.store.query<ResourceRow>(
      params.statement(
        `SELECT toString(resource_id) AS id, ${attributeColumns('a')}
FROM resources_v3
WHERE ${params.tenantFilter} AND resource_id IN ${params.add('Array(UInt64)', ids.map(BigInt))}
LIMIT 1 BY resource_id`,
      ),
      scope,
    );
    return new Map(rows.map((r) => [r.id, decodeAttributes({ keys: r.aKeys, values: r.aValues, types: r.aTypes })]));
  }

  private async scopes(ids: readonly string[], scope: ReadScope): Promise<Map<string, Scope>> {
    if (ids.length === 0) return new Map();
    const params = new Parameters(scope.tenantId);
    const rows = await this.store.query<ScopeRow>(
      params.statement(
        `SELECT toString(scope_id) AS id, name, version, schema_url AS schemaUrl, ${attributeColumns('a')}
FROM scopes_v3
WHERE ${params.tenantFilter} AND scope_id IN ${params.add('Array(UInt64)', ids.map(BigInt))}
LIMIT 1 BY scope_id`,
      ),
      scope,
    );
    return new Map(
      rows.map(({ id, name, version, schemaUrl, aKeys, aValues, aTypes }) => [
        id,
        { name, version, schemaUrl, attributes: decodeAttributes({ keys: aKeys, values: aValues, types: aTypes }) },
      ]),
    );
  }
}
