import type { UserQuery } from '@telemetryflow/contracts';
import { HELD_ROLES } from './held-roles.js';
import { containing } from './list-sql.js';
import { SqlConditions } from './sql-conditions.js';

type Filter = { [K in keyof Omit<UserQuery, 'page' | 'limit'>]?: UserQuery[K] | undefined } & { readonly id?: string };

/** Which living users (alias u) a filter means; `organizationId` null: of every organization. */
export function userConditions(organizationId: string | null, filter: Filter): SqlConditions {
  const where = new SqlConditions();
  where.add(() => 'u.deleted_at IS NULL');
  if (organizationId !== null) where.add((p) => `u.organization_id = ${p(organizationId)}`);
  for (const [name, column] of [
    ['id', 'user_id'],
    ['organizationId', 'organization_id'],
    ['workspaceId', 'workspace_id'],
    ['tenantId', 'tenant_id'],
    ['isActive', 'is_active'],
  ] as const) {
    const wanted = filter[name];
    if (wanted !== undefined) where.add((p) => `u.${column} = ${p(wanted)}`);
  }
  const { search, email, roleId } = filter;
  if (email) where.add((p) => `u.email = ${p(email.toLowerCase())}`);
  if (search) {
    where.add((p) => {
      const pattern = p(containing(search));
      return `u.email ILIKE ${pattern} OR (u.first_name || ' ' || u.last_name) ILIKE ${pattern}`;
    });
  }
  if (roleId !== undefined) {
    where.add(
      (p) => `EXISTS (SELECT 1 FROM (${HELD_ROLES}) h WHERE h.user_id = u.user_id AND h.role_id = ${p(roleId)})`,
    );
  }
  return where;
}
