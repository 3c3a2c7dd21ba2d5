import type {
  AssignRoleRequest,
  GrantPermissionRequest,
  RoleAssignmentList,
  SetPasswordRequest,
  UpdateUserRequest,
  User,
  UserPermissions,
} from '@telemetryflow/contracts';
import { toValue, type MaybeRefOrGetter } from 'vue';
import { api } from '../../lib/api.js';
import { useApiQuery } from '../../lib/query.js';
import { useSession } from '../../lib/session.js';
import { reloadUsers } from './use-users.js';

/** One person, beside the list. Nothing is read while `id` is empty. */
export function useUser(id: MaybeRefOrGetter<string>) {
  return useApiQuery(
    () => ['users', 'one', toValue(id)],
    ({ signal }) => api.get<User>(`/users/${toValue(id)}`, { signal }),
    { live: false, enabled: () => toValue(id) !== '', keepPrevious: false },
  );
}

export function useUserRoles(id: MaybeRefOrGetter<string>) {
  return useApiQuery(
    () => ['users', 'roles', toValue(id)],
    ({ signal }) => api.get<RoleAssignmentList>(`/users/${toValue(id)}/roles`, { signal }),
    { live: false, enabled: () => toValue(id) !== '', keepPrevious: false },
  );
}

/** What the person may do in the tenant on screen, and their grants and denials. */
export function useUserPermissions(id: MaybeRefOrGetter<string>) {
  const session = useSession();
  return useApiQuery(
    () => ['users', 'permissions', toValue(id), session.tenantId],
    ({ signal }) => api.get<UserPermissions>(`/users/${toValue(id)}/permissions`, { signal }),
    { live: false, enabled: () => toValue(id) !== '', keepPrevious: false },
  );
}

/** What can be done to one person. Each throws `ApiError` when it is refused. */
export function userCommands(id: string) {
  const path = `/users/${id}`;
  const then = async <T>(call: Promise<T>, gone?: string): Promise<T> => {
    const answer = await call;
    reloadUsers(gone);
    return answer;
  };
  return {
    update: (request: UpdateUserRequest) => then(api.patch<User>(path, request)),
    activate: () => then(api.post(`${path}/activate`)),
    deactivate: () => then(api.post(`${path}/deactivate`)),
    unlock: () => then(api.post(`${path}/unlock`)),
    setPassword: (request: SetPasswordRequest) => then(api.put(`${path}/password`, request)),
    invite: () => then(api.post(`${path}/invite`)),
    endSessions: () => then(api.delete(`${path}/sessions`)),
    removeFactor: () => then(api.delete(`${path}/mfa`)),
    remove: () => then(api.delete(path), id),
    assignRole: (request: AssignRoleRequest) => then(api.post(`${path}/roles`, request)),
    removeRole: (assignmentId: string) => then(api.delete(`${path}/roles/${assignmentId}`)),
    grant: (request: GrantPermissionRequest) => then(api.post(`${path}/permissions`, request)),
    removeGrant: (grantId: string) => then(api.delete(`${path}/permissions/${grantId}`)),
  };
}

/** `Ada Lovelace`, or the address of someone without a name. */
export function personName({ firstName, lastName, email }: Pick<User, 'firstName' | 'lastName' | 'email'>): string {
  return `${firstName} ${lastName}`.trim() || email;
}
