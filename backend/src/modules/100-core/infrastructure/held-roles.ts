import { PLATFORM, type Area } from '../domain/access.js';

/** Roles that users hold now, directly or through groups: user_id, role_id, scope, group, and when it began and ends. */
export const HELD_ROLES = `
  SELECT role_assignment_id AS id, user_id, role_id, organization_id, scope_type, scope_id, NULL::uuid AS group_id,
         assigned_at, assigned_by, expires_at
  FROM role_assignments WHERE expires_at IS NULL OR expires_at > now()
  UNION ALL
  SELECT a.group_role_assignment_id, m.user_id, a.role_id, a.organization_id, a.scope_type, a.scope_id, a.group_id,
         a.assigned_at, a.assigned_by, a.expires_at
  FROM group_role_assignments a JOIN group_members m ON m.group_id = a.group_id
  WHERE a.expires_at IS NULL OR a.expires_at > now()`;

/** Joins the names of the place that `alias` is held at; {@link SCOPE_NAME} then says it. */
export function scopeJoins(alias: string): string {
  return `
  LEFT JOIN organizations so ON ${alias}.scope_type = 'organization' AND so.organization_id = ${alias}.scope_id
  LEFT JOIN workspaces sw ON ${alias}.scope_type = 'workspace' AND sw.workspace_id = ${alias}.scope_id
  LEFT JOIN tenants st ON ${alias}.scope_type = 'tenant' AND st.tenant_id = ${alias}.scope_id`;
}

/** A place that is gone has no name any more. */
export function scopeName(alias: string): string {
  return `CASE ${alias}.scope_type WHEN 'platform' THEN 'Platform' ELSE COALESCE(so.name, sw.name, st.name, '') END`;
}

/** The area of a scope as three columns; needs `scopeJoins`. */
export function scopeArea(alias: string): string {
  return `
    COALESCE(st.organization_id, sw.organization_id, so.organization_id) AS area_organization_id,
    COALESCE(st.workspace_id, sw.workspace_id) AS area_workspace_id, st.tenant_id AS area_tenant_id,
    ${alias}.scope_type AS area_type`;
}

export interface AreaColumns {
  readonly area_type: 'platform' | 'organization' | 'workspace' | 'tenant';
  readonly area_organization_id: string | null;
  readonly area_workspace_id: string | null;
  readonly area_tenant_id: string | null;
}

/** The area that {@link scopeArea} selected; null when the place is gone, which must not be taken for the platform. */
export function storedArea(row: AreaColumns): Area | null {
  if (row.area_type === 'platform') return PLATFORM;
  if (row.area_organization_id === null) return null;
  return {
    organizationId: row.area_organization_id,
    workspaceId: row.area_workspace_id,
    tenantId: row.area_tenant_id,
    reserved: false,
  };
}
