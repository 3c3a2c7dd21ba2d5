import { Injectable } from '@nestjs/common';
import type { Attributes, Scope } from '@telemetryflow/contracts';
import { ExpiringMap } from '../../../../shared/platform/expiring-map.js';
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

/** An id is a fingerprint of what it stands for, so that what was read once stays true; the time only frees memory. */
const KEPT = { ttlMs: 600_000, maxEntries: 5_000 };

/** Looks up what rows share: once per page, after the page is known, and only what was not read lately. */
@Injectable()
export class IdentityReader {
  readonly #resources = new ExpiringMap<Attributes>(KEPT);
  readonly #scopes = new ExpiringMap<Scope>(KEPT);

  constructor(private readonly store: TelemetryStore) {}

  async of(rows: readonly { resourceId: string; scopeId: string }[], scope: ReadScope): Promise<PageIdentities> {
    const [resources, scopes] = await Promise.all([
      known(this.#resources, new Set(rows.map((row) => row.resourceId)), scope, (ids) => this.resources(ids, scope)),
      known(this.#scopes, new Set(rows.map((row) => row.scopeId)), scope, (ids) => this.scopes(ids, scope)),
    ]);
    return { resource: (id) => resources.get(id) ?? {}, scope: (id) => scopes.get(id) ?? NO_SCOPE };
  }

  private async resources(ids: readonly string[], scope: ReadScope): Promise<Map<string, Attributes>> {
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

/** Those of the ids that are kept, and the others from the store. What is not stored (yet) is asked for again. */
async function known<T>(
  kept: ExpiringMap<T>,
  ids: ReadonlySet<string>,
  { tenantId }: ReadScope,
  load: (ids: readonly string[]) => Promise<Map<string, T>>,
): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (const id of ids) {
    const value = kept.get(`${tenantId}/${id}`);
    if (value !== undefined) found.set(id, value);
  }
  const missing = [...ids].filter((id) => !found.has(id));
  if (missing.length === 0) return found;
  for (const [id, value] of await load(missing)) {
    kept.set(`${tenantId}/${id}`, value);
    found.set(id, value);
  }
  return found;
}
