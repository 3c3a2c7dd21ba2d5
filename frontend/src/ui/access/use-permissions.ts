import type { PermissionList } from '@telemetryflow/contracts';
import { api } from '../../lib/api.js';
import { useApiQuery } from '../../lib/query.js';
import { useSession } from '../../lib/session.js';

/** The catalogue of permissions. */
export function usePermissionCatalogue() {
  const session = useSession();
  return useApiQuery(['permissions'], ({ signal }) => api.get<PermissionList>('/permissions', { signal }), {
    live: false,
    enabled: () => session.can('permissions:read'),
  });
}
