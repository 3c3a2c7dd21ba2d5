import type { AssignmentPage, CreateUserRequest, User, UserPage } from '@telemetryflow/contracts';
import { useMutation } from '@tanstack/vue-query';
import { computed } from 'vue';
import { api } from '../../lib/api.js';
import type { ListState } from '../../lib/list-state.js';
import { itemsPerPage } from '../../lib/preferences.js';
import { reload, useApiQuery } from '../../lib/query.js';
import { useSession } from '../../lib/session.js';
import { scopeOf } from '../../ui/access/scopes.js';

/** The filters of the list of users, as they stand in the URL. */
export const USER_FILTERS = ['status', 'role', 'place'] as const;

/** What a command on users makes stale: lists, counts, assignments and the members of groups. */
export function reloadUsers(gone?: string): void {
  reload(['users', 'assignments', 'groups', 'roles'], gone);
}

/** What the person may do to others. The server decides again, by rank too. */
export function useUserRights() {
  const session = useSession();
  return {
    mayCreate: computed(() => session.can('users:create')),
    mayUpdate: computed(() => session.can('users:update')),
    mayDelete: computed(() => session.can('users:delete')),
    mayAssign: computed(() => session.can('permissions:assign')),
    isSelf: (id: string) => session.user?.id === id,
  };
}

/** A page of the people whom the caller may see. */
export function useUsers(list: ListState) {
  const session = useSession();
  const [status, role, place] = USER_FILTERS.map((name) => list.filter(name));
  const query = computed(() => {
    const scope = scopeOf(place?.value ?? '');
    return {
      page: list.page.value,
      limit: itemsPerPage.value,
      search: list.search.value,
      roleId: role?.value,
      isActive: status?.value === 'active' ? true : status?.value === 'inactive' ? false : undefined,
      ...(scope && scope.type !== 'platform' && { [`${scope.type}Id`]: scope.id }),
    };
  });
  const users = useApiQuery(
    () => ['users', 'list', session.tenantId, query.value],
    ({ signal }) => api.get<UserPage>('/users', { query: query.value, signal }),
    { live: false, enabled: () => session.can('users:read') },
  );
  const create = useMutation({
    mutationFn: (request: CreateUserRequest) => api.post<User>('/users', request),
    onSuccess: () => reloadUsers(),
  });
  return { users, create };
}

/** A page of people with the roles they hold. */
export function useAssignments(list: ListState) {
  const session = useSession();
  return useApiQuery(
    () => ['assignments', session.tenantId, list.page.value, itemsPerPage.value, list.search.value],
    ({ signal }) =>
      api.get<AssignmentPage>('/assignments', {
        query: { page: list.page.value, limit: itemsPerPage.value, search: list.search.value },
        signal,
      }),
    { live: false, enabled: () => session.can('users:read') },
  );
}
