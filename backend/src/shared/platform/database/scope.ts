import type { RequestContext } from '../request-context.js';

/**
 * Why the server itself, not a caller, looks into the database. Each purpose opens only the tables it needs
 * (`backend/migrations/postgres`); `platform` opens all and is for seeding and platform-wide administration.
 */
export type SystemPurpose = 'platform' | 'authentication' | 'api-keys' | 'ingest' | 'outbox' | 'audit';

export interface SystemScope {
  readonly system: SystemPurpose;
}

/** Leaves the caller's place on purpose; name why. */
export function systemScope(purpose: SystemPurpose): SystemScope {
  return { system: purpose };
}

/** As far as the caller may look: administrators of the platform beyond their organization, nobody else. */
export function widestScope(context: RequestContext): RequestContext | SystemScope {
  return context.isPlatformAdministrator ? systemScope('platform') : context;
}

/** The transaction-local settings that the row-level security policies read. Empty means: sees nothing. */
export function scopeSettings(scope: RequestContext | SystemScope): Readonly<Record<string, string>> {
  if ('system' in scope) {
    return { 'app.system_scope': scope.system, ...place('', '', '', '') };
  }
  const userId = scope.actor.type === 'user' ? scope.actor.id : '';
  return { 'app.system_scope': '', ...place(scope.organizationId, scope.workspaceId, scope.tenantId, userId) };
}

function place(organizationId: string, workspaceId: string, tenantId: string, userId: string) {
  return {
    'app.organization_id': organizationId,
    'app.workspace_id': workspaceId,
    'app.tenant_id': tenantId,
    'app.user_id': userId,
  };
}
