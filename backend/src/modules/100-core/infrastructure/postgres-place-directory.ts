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

const OPEN_PLACES = `
  SELECT p.organization_id, p.organization_name, p.organization_code, p.workspace_id, p.workspace_name,
         p.workspace_code, p.is_reserved AS reserved, p.tenant_id, p.tenant_name, p.tenant_code
  FROM open_places p`;

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
    const [place] = await this.#find(`tenant:${tenantId}`, 'WHERE p.tenant_id = $1', tenantId);
    return place ?? null;
  }

  tenantsOf(workspaceId: string): Promise<readonly Place[]> {
    const condition = 'WHERE p.workspace_id = $1 ORDER BY p.tenant_created_at, p.tenant_id';
    return this.#find(`workspace:${workspaceId}`, condition, workspaceId);
  }

  async visibleTo(access: Access, now: number): Promise<ScopeTree> {
    const rows = await this.#query(
      ' ORDER BY lower(p.organization_name), lower(p.workspace_name), lower(p.tenant_name), p.tenant_id',
      [],
    );
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
      manager.query<PlaceRow[]>(OPEN_PLACES + tail, [...parameters]),
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
