import type {
  AssignRoleRequest,
  CreateGroupRequest,
  Group,
  GroupMemberPage,
  GroupPage,
  RoleAssignmentList,
  UpdateGroupRequest,
  UserPage,
} from '@telemetryflow/contracts';
import { computed, toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../lib/api.js';
import type { ListState } from '../../lib/list-state.js';
import { itemsPerPage } from '../../lib/preferences.js';
import { reload, useApiQuery } from '../../lib/query.js';
import { useSession } from '../../lib/session.js';

/** Candidates shown while one searches for a person. */
const CANDIDATES = 8;

export function useGroupRights() {
  const session = useSession();
  return {
    mayCreate: computed(() => session.can('groups:create')),
    mayUpdate: computed(() => session.can('groups:update')),
    mayDelete: computed(() => session.can('groups:delete')),
    mayAssign: computed(() => session.can('permissions:assign')),
  };
}

export function useGroups(list: ListState) {
  const session = useSession();
  return useApiQuery(
    () => ['groups', 'list', session.tenantId, list.page.value, itemsPerPage.value, list.search.value],
    ({ signal }) =>
      api.get<GroupPage>('/groups', {
        query: { page: list.page.value, limit: itemsPerPage.value, search: list.search.value },
        signal,
      }),
    { live: false, enabled: () => session.can('groups:read') },
  );
}

/** One group, its members (a page of them) and its roles. Nothing is read while `id` is empty. */
export function useGroup(id: MaybeRefOrGetter<string>) {
  const enabled = () => toValue(id) !== '';
  return useApiQuery(
    () => ['groups', 'one', toValue(id)],
    ({ signal }) => api.get<Group>(`/groups/${toValue(id)}`, { signal }),
    { live: false, enabled, keepPrevious: false },
  );
}

export function useMembers(id: MaybeRefOrGetter<string>, page: MaybeRefOrGetter<number>) {
  return useApiQuery(
    () => ['groups', 'members', toValue(id), toValue(page), itemsPerPage.value],
    ({ signal }) =>
      api.get<GroupMemberPage>(`/groups/${toValue(id)}/users`, {
        query: { page: toValue(page), limit: itemsPerPage.value },
        signal,
      }),
    { live: false },
  );
}

export function useGroupRoles(id: MaybeRefOrGetter<string>) {
  return useApiQuery(
    () => ['groups', 'roles', toValue(id)],
    ({ signal }) => api.get<RoleAssignmentList>(`/groups/${toValue(id)}/roles`, { signal }),
    { live: false, keepPrevious: false },
  );
}

/** The first people who match what is typed; nobody while nothing is typed. */
export function useCandidates(search: MaybeRefOrGetter<string>) {
  return useApiQuery(
    () => ['users', 'candidates', toValue(search)],
    ({ signal }) => api.get<UserPage>('/users', { query: { search: toValue(search), limit: CANDIDATES }, signal }),
    { live: false, enabled: () => toValue(search) !== '' },
  );
}

async function then<T>(call: Promise<T>, gone?: string): Promise<T> {
  const answer = await call;
  reload(['groups', 'users', 'assignments', 'roles'], gone);
  return answer;
}

/** Each throws `ApiError` when it is refused. */
export const groupCommands = {
  create: (request: CreateGroupRequest) => then(api.post<Group>('/groups', request)),
  update: (id: string, request: UpdateGroupRequest) => then(api.patch<Group>(`/groups/${id}`, request)),
  remove: (id: string) => then(api.delete(`/groups/${id}`), id),
  addMember: (id: string, userId: string) => then(api.post(`/groups/${id}/users`, { userId })),
  removeMember: (id: string, userId: string) => then(api.delete(`/groups/${id}/users/${userId}`)),
  assignRole: (id: string, request: AssignRoleRequest) => then(api.post(`/groups/${id}/roles`, request)),
  removeRole: (id: string, assignmentId: string) => then(api.delete(`/groups/${id}/roles/${assignmentId}`)),
};
