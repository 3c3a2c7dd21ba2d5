import { Injectable } from '@nestjs/common';
import type { ScopeTree } from '@telemetryflow/contracts';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { ExpiringMap } from '../../../shared/platform/expiring-map.js';
import { PlaceChanges } from '../application/place-changes.js';
import { PlaceDirectory } from '../application/place-directory.js';
import type { Access, Place } from '../domain/access.js';

interface PlaceRow {
  readonly organization_id: string;
  readonly organization_name: string;
  readonly organization_code: string;
  readonly workspace_id: string;
  readonly workspace_name: string;
  readonly workspace_code: string;
  readonly reserved: boolean;
  readonly tenant_id: string;
  readonly tenant_name: string;
  readonly tenant_code: string;
}

const LIVING_PLACES = `
  SELECT o.organization_id, o.name AS organization_name, o.code AS organization_code,
         w.workspace_id, w.name AS workspace_name, w.code AS workspace_code, w.is_reserved AS reserved,
         t.tenant_id, t.name AS tenant_name, t.code AS tenant_code
  FROM tenants t
  JOIN workspaces w ON w.workspace_id = t.workspace_id AND w.is_active AND w.deleted_at IS NULL
  JOIN organizations o ON o.organization_id = t.organization_id AND o.is_active AND o.deleted_at IS NULL
  WHERE t.is_active AND t.deleted_at IS NULL`;

@Injectable()
export class PostgresPlaceDirectory extends PlaceDirectory {
  /** Unknown ids are remembered as no places, so that guessing them costs the database little. */
  readonly #places = new ExpiringMap<readonly Place[]>({ ttlMs: 30_000, maxEntries: 20_000 });

  constructor(
    private readonly database: Database,
    changes: PlaceChanges,
  ) {
    super();
    changes.listen(() => this.evictAll());
  }

  async tenant(tenantId: string): Promise<Place | null> {
    const [place] = await this.#find(`tenant:${tenantId}`, 'AND t.tenant_id = $1', tenantId);
    return place ?? null;
  }

  tenantsOf(workspaceId: string): Promise<readonly Place[]> {
    const condition = 'AND w.workspace_id = $1 ORDER BY t.created_at, t.tenant_id';
    return this.#find(`workspace:${workspaceId}`, condition, workspaceId);
  }

  async visibleTo(access: Access, now: number): Promise<ScopeTree> {
    const rows = await this.#query(' ORDER BY lower(o.name), lower(w.name), lower(t.name), t.tenant_id', []);
    return treeOf(rows.filter((row) => access.mayEnter(placeOf(row), now)));
  }

  evictAll(): void {
    this.#places.clear();
  }

  #find(key: string, condition: string, id: string): Promise<readonly Place[]> {
    return this.#places.load(key, async () => (await this.#query(` ${condition}`, [id])).map(placeOf));
  }

  #query(tail: string, parameters: readonly string[]): Promise<PlaceRow[]> {
    return this.database.transaction(systemScope('authentication'), (manager) =>
      manager.query<PlaceRow[]>(LIVING_PLACES + tail, [...parameters]),
    );
  }
}

function placeOf(row: PlaceRow): Place {
  return {
    organizationId: row.organization_id,
    workspaceId: row.workspace_id,
    tenantId: row.tenant_id,
    reserved: row.reserved,
  };
}

type Organization = ScopeTree['organizations'][number];
type Workspace = Organization['workspaces'][number];

/** Rows arrive sorted; the maps keep that order. */
function treeOf(rows: readonly PlaceRow[]): ScopeTree {
  const organizations = new Map<string, Organization>();
  const workspaces = new Map<string, Workspace>();
  for (const row of rows) {
    let organization = organizations.get(row.organization_id);
    if (!organization) {
      organization = {
        id: row.organization_id,
        name: row.organization_name,
        code: row.organization_code,
        workspaces: [],
      };
      organizations.set(row.organization_id, organization);
    }
    let workspace = workspaces.get(row.workspace_id);
    if (!workspace) {
      workspace = { id: row.workspace_id, name: row.workspace_name, code: row.workspace_code, tenants: [] };
      workspaces.set(row.workspace_id, workspace);
      organization.workspaces.push(workspace);
    }
    workspace.tenants.push({ id: row.tenant_id, name: row.tenant_name, code: row.tenant_code });
  }
  return { organizations: [...organizations.values()] };
}
