import type { RolePage } from '@telemetryflow/contracts';
import { computed } from 'vue';
import { useI18n } from 'vue-i18n';
import { api } from '../../lib/api.js';
import { useApiQuery } from '../../lib/query.js';
import { useSession } from '../../lib/session.js';

/** The most roles that a select offers: the longest page the server gives. */
const MOST = 100;

/** The roles there are, for selects: system roles under their translated names. */
export function useRoleOptions() {
  const session = useSession();
  const nameOf = useRoleName();
  const roles = useApiQuery(
    () => ['roles', 'options', session.tenantId],
    ({ signal }) => api.get<RolePage>('/roles', { query: { page: 1, limit: MOST }, signal }),
    { live: false, enabled: () => session.can('roles:read') },
  );
  const options = computed(() =>
    [...(roles.data.value?.data ?? [])]
      .sort((a, b) => a.level - b.level || a.name.localeCompare(b.name))
      .map((role) => ({ value: role.id, label: nameOf(role), role })),
  );
  return { roles, options };
}

/** A role's name: a system role's in the person's language, a custom role's as it was given. */
export function useRoleName() {
  const { t, te } = useI18n();
  return ({ code, name, isSystem }: { code: string; name?: string; isSystem?: boolean }) =>
    isSystem !== false && te(`access.system.${code}`) ? t(`access.system.${code}`) : (name ?? code);
}
