import type { Organization, Permission, Region, Tenant, Workspace } from '@telemetryflow/contracts';

/** The levels of the hierarchy, widest first. */
export const LEVELS = ['region', 'organization', 'workspace', 'tenant'] as const;
export type Level = (typeof LEVELS)[number];
export type NodeRecord = Region | Organization | Workspace | Tenant;

interface LevelFacts {
  /** Below `/api/v2`; the resource of its permissions too. */
  readonly plural: 'regions' | 'organizations' | 'workspaces' | 'tenants';
  readonly child: Level | null;
  /** The parameter and field that names the parent. */
  readonly parentField: 'regionId' | 'organizationId' | 'workspaceId' | null;
  readonly icon: string;
}

export const LEVEL_FACTS: Readonly<Record<Level, LevelFacts>> = {
  region: { plural: 'regions', child: 'organization', parentField: null, icon: 'i-lucide-globe' },
  organization: { plural: 'organizations', child: 'workspace', parentField: 'regionId', icon: 'i-lucide-building-2' },
  workspace: { plural: 'workspaces', child: 'tenant', parentField: 'organizationId', icon: 'i-lucide-folder' },
  tenant: { plural: 'tenants', child: null, parentField: 'workspaceId', icon: 'i-lucide-box' },
};

/** `workspaces:update` and the like. */
export function permissionOf(level: Level, action: 'create' | 'read' | 'update' | 'delete'): Permission {
  return `${LEVEL_FACTS[level].plural}:${action}`;
}

/** A place in the tree. */
export interface HierarchyNode {
  /** `workspace:<id>`: the ids of different levels are not told apart by themselves. */
  readonly key: string;
  readonly level: Level;
  readonly record: NodeRecord;
  readonly children: number;
}

export function nodeOf(level: Level, record: NodeRecord): HierarchyNode {
  const children =
    'organizations' in record
      ? record.organizations
      : 'workspaces' in record
        ? record.workspaces
        : 'tenants' in record
          ? record.tenants
          : 0;
  return { key: `${level}:${record.id}`, level, record, children };
}

/** The level and id of a key; null for any other text. */
export function parseKey(key: string): { level: Level; id: string } | null {
  const [name, id] = key.split(':', 2);
  const level = LEVELS.find((l) => l === name);
  return level === undefined || id === undefined || id === '' ? null : { level, id };
}

/** A code made of a name: `Acme, Inc.` → `acme-inc`. */
export function codeOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50);
}
