/**
 * The permission catalogue (`resource:action`, resource plural) and what each of the five system tiers holds.
 * A scope is held by the role assignment, never by the permission's name.
 */
const crud = ['create', 'read', 'update', 'delete'] as const;

const catalogue = {
  organizations: crud,
  regions: crud,
  workspaces: crud,
  tenants: crud,
  users: crud,
  roles: crud,
  groups: crud,
  permissions: ['read', 'assign'],
  'api-keys': ['create', 'read', 'update', 'delete'],
  metrics: ['read', 'write', 'delete', 'export'],
  logs: ['read', 'write', 'delete', 'export'],
  traces: ['read', 'write', 'delete', 'export'],
  dashboards: crud,
  'alert-rules': crud,
  alerts: [...crud, 'acknowledge'],
  'notification-channels': crud,
  monitors: [...crud, 'check', 'report'],
  'status-pages': crud,
  agents: [...crud, 'register'],
  queries: crud,
  exports: ['create', 'read', 'delete'],
  'retention-policies': crud,
  subscriptions: ['read', 'update'],
  'sso-providers': crud,
  'audit-logs': ['read', 'export', 'manage'],
  queues: ['read', 'update'],
  platform: ['read', 'manage'],
} as const;

type Catalogue = typeof catalogue;
export type Permission = { [R in keyof Catalogue & string]: `${R}:${Catalogue[R][number]}` }[keyof Catalogue & string];

export const PERMISSIONS: readonly Permission[] = Object.entries(catalogue).flatMap(([resource, actions]) =>
  actions.map((action) => `${resource}:${action}` as Permission),
);

/** The widths at which a permission can be held, narrowest first. */
export const SCOPE_TYPES = ['tenant', 'workspace', 'organization', 'platform'] as const;
export type ScopeType = (typeof SCOPE_TYPES)[number];

const levels: Partial<Record<keyof Catalogue, ScopeType>> & Record<string, ScopeType> = {
  'regions:create': 'platform',
  'regions:update': 'platform',
  'regions:delete': 'platform',
  'organizations:create': 'platform',
  'organizations:delete': 'platform',
  organizations: 'organization',
  'workspaces:create': 'organization',
  'workspaces:delete': 'organization',
  workspaces: 'workspace',
  tenants: 'workspace',
  users: 'organization',
  roles: 'organization',
  groups: 'organization',
  permissions: 'organization',
  'sso-providers': 'organization',
  'audit-logs': 'organization',
  'subscriptions:update': 'platform',
  subscriptions: 'organization',
  queues: 'platform',
  platform: 'platform',
};

/**
 * The narrowest scope at which the permission means anything: whoever is Administrator of one tenant does not manage
 * the users of its organization. Permissions of telemetry and its tools mean something in a single tenant.
 */
export function levelOf(permission: string): ScopeType {
  return LEVEL_OF.get(permission) ?? 'tenant';
}

/** Asked for every permission of every request. */
const LEVEL_OF: ReadonlyMap<string, ScopeType> = new Map(
  PERMISSIONS.map((permission) => [permission, levels[permission] ?? levels[resourceOf(permission)] ?? 'tenant']),
);

function resourceOf(permission: string): string {
  return permission.split(':', 1)[0] ?? '';
}

/** What an API key may carry; everything else needs a person. */
export const API_KEY_PERMISSIONS = [
  'metrics:write',
  'logs:write',
  'traces:write',
  'metrics:read',
  'logs:read',
  'traces:read',
  'monitors:report',
  'agents:register',
] as const satisfies readonly Permission[];
export type ApiKeyPermission = (typeof API_KEY_PERMISSIONS)[number];

/** What a key that only sends telemetry holds. */
export const INGEST_PERMISSIONS = ['traces:write', 'metrics:write', 'logs:write'] as const satisfies ApiKeyPermission[];

export const SYSTEM_ROLES = ['super_administrator', 'administrator', 'developer', 'viewer', 'demo'] as const;
export type SystemRole = (typeof SYSTEM_ROLES)[number];

const isRead = (p: Permission) => p.endsWith(':read');
const platformOnly = new Set<Permission>([
  'organizations:create',
  'organizations:delete',
  'regions:create',
  'regions:update',
  'regions:delete',
  'platform:read',
  'platform:manage',
  'queues:read',
  'queues:update',
  'subscriptions:update',
]);
const telemetryResources = [
  'metrics',
  'logs',
  'traces',
  'dashboards',
  'alert-rules',
  'alerts',
  'monitors',
  'status-pages',
  'agents',
  'queries',
];
const developerExtra = new Set<Permission>([
  'api-keys:create',
  'api-keys:update',
  'workspaces:create',
  'workspaces:update',
  'tenants:create',
  'tenants:update',
  'notification-channels:create',
  'notification-channels:update',
  'exports:create',
]);
const viewerHidden = new Set<Permission>(['audit-logs:read', 'sso-providers:read', 'queues:read', 'platform:read']);

function developerHolds(p: Permission): boolean {
  const [resource = '', action = ''] = p.split(':');
  if (action === 'delete' || action === 'export' || platformOnly.has(p)) return false;
  return (isRead(p) && p !== 'sso-providers:read') || telemetryResources.includes(resource) || developerExtra.has(p);
}

/** Permissions of each system tier. Developer never deletes; Viewer and Demo only read. */
export const ROLE_PERMISSIONS: Readonly<Record<SystemRole, readonly Permission[]>> = {
  super_administrator: PERMISSIONS,
  administrator: PERMISSIONS.filter((p) => !platformOnly.has(p)),
  developer: PERMISSIONS.filter(developerHolds),
  viewer: PERMISSIONS.filter((p) => isRead(p) && !viewerHidden.has(p)),
  demo: PERMISSIONS.filter((p) => isRead(p) && !viewerHidden.has(p) && p !== 'api-keys:read'),
};
