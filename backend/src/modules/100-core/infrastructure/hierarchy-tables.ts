import type { Level } from '../domain/hierarchy-node.js';

export interface HierarchyTable {
  readonly table: string;
  readonly key: string;
  /** Column of each attribute. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Attributes that are JSON. */
  readonly json: ReadonlySet<string>;
  /** SQL over the alias n (and those of `joins`) for what the node is part of. */
  readonly parentId: string;
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly isReserved: string;
  readonly joins: string;
  readonly ancestorIsDeleted: string;
  /** The children's table and its column that names their parent. */
  readonly child: { readonly table: string; readonly parent: string } | null;
}

/** How each level lies in its table (migration 0002). */
export const HIERARCHY_TABLES: Readonly<Record<Level, HierarchyTable>> = {
  region: {
    table: 'regions',
    key: 'region_id',
    attributes: { name: 'name', description: 'description', dataLocation: 'data_location' },
    json: new Set(),
    parentId: 'NULL::uuid',
    organizationId: 'NULL::uuid',
    workspaceId: 'NULL::uuid',
    isReserved: 'false',
    joins: '',
    ancestorIsDeleted: 'false',
    child: { table: 'organizations', parent: 'region_id' },
  },
  organization: {
    table: 'organizations',
    key: 'organization_id',
    attributes: { name: 'name', description: 'description', domain: 'domain' },
    json: new Set(),
    parentId: 'n.region_id',
    organizationId: 'n.organization_id',
    workspaceId: 'NULL::uuid',
    isReserved: 'false',
    joins: 'JOIN regions r ON r.region_id = n.region_id',
    ancestorIsDeleted: 'r.deleted_at IS NOT NULL',
    child: { table: 'workspaces', parent: 'organization_id' },
  },
  workspace: {
    table: 'workspaces',
    key: 'workspace_id',
    attributes: {
      name: 'name',
      description: 'description',
      datasourceConfig: 'datasource_config',
      quotas: 'quotas',
    },
    json: new Set(['datasourceConfig', 'quotas']),
    parentId: 'n.organization_id',
    organizationId: 'n.organization_id',
    workspaceId: 'n.workspace_id',
    isReserved: 'n.is_reserved',
    joins: `JOIN organizations o ON o.organization_id = n.organization_id
            JOIN regions r ON r.region_id = o.region_id`,
    ancestorIsDeleted: 'COALESCE(o.deleted_at, r.deleted_at) IS NOT NULL',
    child: { table: 'tenants', parent: 'workspace_id' },
  },
  tenant: {
    table: 'tenants',
    key: 'tenant_id',
    attributes: { name: 'name', description: 'description', domain: 'domain', settings: 'settings' },
    json: new Set(['settings']),
    parentId: 'n.workspace_id',
    organizationId: 'n.organization_id',
    workspaceId: 'n.workspace_id',
    isReserved: 'w.is_reserved',
    joins: `JOIN workspaces w ON w.workspace_id = n.workspace_id
            JOIN organizations o ON o.organization_id = n.organization_id
            JOIN regions r ON r.region_id = o.region_id`,
    ancestorIsDeleted: 'COALESCE(w.deleted_at, o.deleted_at, r.deleted_at) IS NOT NULL',
    child: null,
  },
};
