import type { AuditCategory } from '@telemetryflow/contracts';

const AREAS: Readonly<Record<string, AuditCategory>> = {
  auth: 'auth',
  api_key: 'authz',
  group: 'authz',
  role: 'authz',
  security: 'authz',
  queue: 'system',
};
/** Acts whose area says something else than they do. */
const ACTIONS: Readonly<Record<string, AuditCategory>> = {
  'audit.retention_changed': 'system',
};
/** What changes somebody's rights, in whatever area: `user.role_assigned`, `user.permission_denied`. */
const RIGHTS = /^\w+\.(role|permission|permissions|group|grant)_/;

/** What kind of act an action (`area.event`) is. What is not known otherwise is about data. */
export function categoryOf(action: string): AuditCategory {
  const area = action.split('.', 1)[0] ?? '';
  return ACTIONS[action] ?? (RIGHTS.test(action) ? 'authz' : (AREAS[area] ?? 'data'));
}
