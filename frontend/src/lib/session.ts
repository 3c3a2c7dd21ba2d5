import type {
  AuthenticatedUser,
  MfaChallenge,
  Permission,
  ScopeTree,
  TokenResponse,
  VerifyMfaRequest,
} from '@telemetryflow/contracts';
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { api, ApiError } from './api.js';
import { queryClient } from './query.js';

const TENANT_KEY = 'tf-tenant';
/** Set while this browser should hold a refresh cookie, which no script can see: without it nothing is asked for. */
const SESSION_KEY = 'tf-session';
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('tf-session');

/** Who is here, what they may do, and which tenant they look at. */
export const useSession = defineStore('session', () => {
  const user = shallowRef<AuthenticatedUser | null>(null);
  const tenantId = ref<string | null>(null);
  const scopes = shallowRef<ScopeTree['organizations']>([]);
  /** Set when a session ended by itself, so that the login page can say so. */
  const expired = ref(false);
  /** A login that waits for its second factor. In memory only: who reloads logs in again. */
  const challenge = shallowRef<(MfaChallenge & { readonly expiresAtMs: number }) | null>(null);
  let restoring: Promise<boolean> | null = null;

  const isAuthenticated = computed(() => user.value !== null);
  const displayName = computed(() => {
    const u = user.value;
    return u === null ? '' : `${u.firstName} ${u.lastName}`.trim() || u.email;
  });

  /** True when the person holds the permission. The server refuses anyway; this only hides what would be refused. */
  function can(permission: Permission): boolean {
    return user.value?.permissions.includes(permission) ?? false;
  }

  /** True when the person holds one of them, or when none is asked for. */
  function canAny(permissions: readonly Permission[] | undefined): boolean {
    return permissions === undefined || permissions.length === 0 || permissions.some(can);
  }

  async function accept(tokens: TokenResponse): Promise<void> {
    api.setAccessToken(tokens.access_token);
    const chosen = localStorage.getItem(`${TENANT_KEY}.${tokens.user.id}`);
    useTenant(tokens.user.tenantId);
    await reloadScopes();
    // Only a tenant that is still in reach: a stale choice would answer 404 everywhere.
    if (chosen !== null && findTenant(scopes.value, chosen) !== null) useTenant(chosen);
    user.value = tokens.user;
    expired.value = false;
    localStorage.setItem(SESSION_KEY, '1');
  }

  /** Asks again which places are in reach, after some were made, renamed or closed. */
  async function reloadScopes(): Promise<void> {
    const tree = await api.get<ScopeTree>('/scopes').catch(onlyRefusals);
    scopes.value = tree?.organizations ?? [];
  }

  function useTenant(id: string): void {
    tenantId.value = id;
    api.setTenant(id);
  }

  /**
   * True when the person is in, false when `challenge` waits for the second factor. A wrong pair throws `ApiError` with
   * code `AUTH_INVALID_CREDENTIALS`, an unverified address one with `AUTH_EMAIL_NOT_VERIFIED`.
   */
  async function login(email: string, password: string, rememberMe = false): Promise<boolean> {
    queryClient.clear();
    challenge.value = null;
    const answer = await api.post<TokenResponse | MfaChallenge>('/auth/login', { email, password, rememberMe });
    if ('mfaRequired' in answer) {
      challenge.value = { ...answer, expiresAtMs: Date.now() + answer.expiresIn * 1000 };
      return false;
    }
    await accept(answer);
    return true;
  }

  /** Answers the challenge. A wrong code throws `ApiError` with `AUTH_MFA_INVALID`. */
  async function answerChallenge(code: string, trustDevice: boolean): Promise<void> {
    if (challenge.value === null) return;
    const request: VerifyMfaRequest = { mfaToken: challenge.value.mfaToken, code, trustDevice };
    await accept(await api.post<TokenResponse>('/auth/verify-mfa', request));
    challenge.value = null;
  }

  /** Asks anew who is here: after a change of the person's own account. */
  async function reload(): Promise<void> {
    await accept(await api.refresh());
  }

  /** What the account pages changed, without asking. */
  function update(changes: Partial<AuthenticatedUser>): void {
    if (user.value !== null) user.value = { ...user.value, ...changes };
  }

  /** Takes up the session of the refresh cookie. False without one; throws when the server is away. */
  function restore(): Promise<boolean> {
    if (localStorage.getItem(SESSION_KEY) === null) return Promise.resolve(false);
    restoring ??= takeUp().finally(() => (restoring = null));
    return restoring;
  }

  async function takeUp(): Promise<boolean> {
    try {
      await accept(await api.refresh());
      return true;
    } catch (error) {
      if (!(error instanceof ApiError) || error.status < 400 || error.status >= 500) throw error;
      clear();
      return false;
    }
  }

  function clear(): void {
    localStorage.removeItem(SESSION_KEY);
    user.value = null;
    challenge.value = null;
    tenantId.value = null;
    scopes.value = [];
    api.setAccessToken(null);
    api.setTenant(null);
    void queryClient.cancelQueries();
    queryClient.clear();
  }

  /** Ends the session here and in every other tab. The browser forgets even when the server can't be told. */
  async function logout(): Promise<void> {
    try {
      await api.post('/auth/logout');
    } finally {
      leave();
    }
  }

  /** Forgets the session here and in every other tab, where the server has ended it already. */
  function leave(): void {
    clear();
    channel?.postMessage('logout');
  }

  /** Looks at another tenant: nothing of the former one stays in memory. */
  function switchTenant(id: string): void {
    if (id === tenantId.value) return;
    useTenant(id);
    if (user.value !== null) localStorage.setItem(`${TENANT_KEY}.${user.value.id}`, id);
    void queryClient.cancelQueries();
    queryClient.removeQueries();
  }

  const place = computed(() => findTenant(scopes.value, tenantId.value));

  return {
    user,
    tenantId,
    scopes,
    place,
    expired,
    isAuthenticated,
    displayName,
    can,
    canAny,
    challenge,
    login,
    answerChallenge,
    reload,
    update,
    restore,
    logout,
    leave,
    clear,
    switchTenant,
    reloadScopes,
  };
});

/** Calls back when another tab has logged out. */
export function onForeignLogout(listener: () => void): void {
  channel?.addEventListener('message', (event) => {
    if (event.data === 'logout') listener();
  });
}

function onlyRefusals(error: unknown): null {
  // A person without a readable place still has a session; anything else must be seen.
  if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return null;
  throw error;
}

export interface Place {
  organization: string;
  workspace: string;
  tenant: string;
  workspaceId: string;
  organizationId: string;
}

function findTenant(organizations: ScopeTree['organizations'], tenantId: string | null): Place | null {
  for (const organization of organizations) {
    for (const workspace of organization.workspaces) {
      const tenant = workspace.tenants.find((t) => t.id === tenantId);
      if (tenant) {
        return {
          organization: organization.name,
          workspace: workspace.name,
          tenant: tenant.name,
          workspaceId: workspace.id,
          organizationId: organization.id,
        };
      }
    }
  }
  return null;
}
