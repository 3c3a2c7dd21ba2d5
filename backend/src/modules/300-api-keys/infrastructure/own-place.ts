import type { RequestContext } from '../../../shared/platform/index.js';

/**
 * The keys of the tenant one stands in and those of its whole workspace; takes {@link placeOf} as $1 to $3. Row-level
 * security says the same; neither is trusted alone.
 */
export const OWN_PLACE = 'organization_id = $1 AND workspace_id = $2 AND (tenant_id IS NULL OR tenant_id = $3)';

export function placeOf(context: RequestContext): [string, string, string] {
  return [context.organizationId, context.workspaceId, context.tenantId];
}
