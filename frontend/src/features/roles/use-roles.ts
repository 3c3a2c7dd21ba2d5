import type {
  CreateRoleRequest,
  GroupMemberPage,
  PermissionMatrix,
  Role,
  RolePage,
  SetPermissionsRequest,
  UpdateRoleRequest,
} from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../lib/api.js';
import type { ListState } from '../../lib/list-state.js';
import { itemsPerPage } from '../../lib/preferences.js';
import { reload, useApiQuery } from '../../lib/query.js';
import { useSession } from '../../lib/session.js';

/** The tiers, strongest first. */
export const LEVELS = [1, 2, 3, 4, 5] as const;

/** What a command on roles makes stale. */
export function reloadRoles(gone?: string): void {
  reload(['roles', 'permission-matrix', 'users', 'assignments'], gone);
}

export function useRoleRights() {
  const session = useSession();
  return {
    mayCreate: computed(() => session.can('roles:create')),
    mayUpdate: computed(() => session.can('roles:update')),
    mayDelete: computed(() => session.can('roles:delete')),
  };
}

export function useRoles(list: ListState) {
  const session = useSession();
  const kind = list.filter('kind');
  const query = computed(() => ({
    page: list.page.value,
    limit: itemsPerPage.value,
    search: list.search.value,
    includeSystem: kind.value === 'custom' ? false : undefined,
  }));
  return useApiQuery(
    () => ['roles', 'list', session.tenantId, query.value],
    ({ signal }) => api.get<RolePage>('/roles', { query: query.value, signal }),
    { live: false, enabled: () => session.can('roles:read') },
  );
}

export function useRole(id: MaybeRefOrGetter<string>) {
  return useApiQuery(
    () => ['roles', 'one', toValue(id)],
    ({ signal }) => api.get<Role>(`/roles/${toValue(id)}`, { signal }),
    { live: false, enabled: () => toValue(id) !== '', keepPrevious: false },
  );
}

/** The first hundred who hold the role. */
export function useRoleUsers(id: MaybeRefOrGetter<string>) {
  return useApiQuery(
    () => ['roles', 'users', toValue(id)],
    ({ signal }) => api.get<GroupMemberPage>(`/roles/${toValue(id)}/users`, { query: { page: 1, limit: 100 }, signal }),
    { live: false, enabled: () => toValue(id) !== '', keepPrevious: false },
  );
}

export function useMatrix() {
  const session = useSession();
  return useApiQuery(
    () => ['permission-matrix', session.tenantId],
    ({ signal }) => api.get<PermissionMatrix>('/permission-matrix', { signal }),
    { live: false, enabled: () => session.can('roles:read') },
  );
}

async function then<T>(call: Promise<T>, gone?: string): Promise<T> {
  const answer = await call;
  reloadRoles(gone);
  return answer;
}

/** Each throws `ApiError` when it is refused. */
export const roleCommands = {
  create: (request: CreateRoleRequest) => then(api.post<Role>('/roles', request)),
  update: (id: string, request: UpdateRoleRequest) => then(api.patch<Role>(`/roles/${id}`, request)),
  remove: (id: string) => then(api.delete(`/roles/${id}`), id),
  /** Leaves reloading to the caller: the matrix saves often. */
  setPermissions: (id: string, permissions: readonly string[]) =>
    api.put<Role>(`/roles/${id}/permissions`, { permissions: [...permissions] } satisfies SetPermissionsRequest),
};
