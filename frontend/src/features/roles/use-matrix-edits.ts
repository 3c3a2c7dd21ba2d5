import type { PermissionMatrix } from '@telemetryflow/contracts';
import { computed, reactive, ref, shallowRef, type Ref } from 'vue';
import { useI18n } from 'vue-i18n';
import { failureText } from '../../lib/form.js';
import { queryClient } from '../../lib/query.js';
import { reloadRoles, roleCommands } from './use-roles.js';

type MatrixRole = PermissionMatrix['roles'][number];

/** Puts what the server confirmed into the matrix that is kept. */
function keep(roleId: string, permissions: string[]): void {
  queryClient.setQueriesData<PermissionMatrix>({ queryKey: ['permission-matrix'] }, (known) =>
    known === undefined
      ? known
      : { ...known, roles: known.roles.map((role) => (role.id === roleId ? { ...role, permissions } : role)) },
  );
}

/**
 * Changes of the matrix. A change shows at once and is saved behind it, one save per role at a time, always as the whole
 * set; what is refused is undone, back to what the server last confirmed.
 */
export function useMatrixEdits(matrix: Ref<PermissionMatrix | undefined>) {
  const { t } = useI18n();
  /** What is on screen and not yet confirmed, by role. */
  const edits = shallowRef<ReadonlyMap<string, ReadonlySet<string>>>(new Map());
  const saving = reactive(new Set<string>());
  const failure = ref<{ role: string; reason: string } | null>(null);

  const held = computed(
    () =>
      new Map(
        (matrix.value?.roles ?? []).map(({ id, permissions }) => [id, edits.value.get(id) ?? new Set(permissions)]),
      ),
  );

  function put(roleId: string, set: ReadonlySet<string> | null): void {
    const next = new Map(edits.value);
    if (set === null) next.delete(roleId);
    else next.set(roleId, set);
    edits.value = next;
  }

  function toggle(role: MatrixRole, permission: string): void {
    const set = new Set(held.value.get(role.id));
    if (!set.delete(permission)) set.add(permission);
    put(role.id, set);
    if (!saving.has(role.id)) void save(role);
  }

  async function save(role: MatrixRole): Promise<void> {
    saving.add(role.id);
    failure.value = null;
    try {
      // What was toggled during a save goes with the next one.
      for (let sent = edits.value.get(role.id); sent !== undefined; sent = edits.value.get(role.id)) {
        await roleCommands.setPermissions(role.id, [...sent]);
        keep(role.id, [...sent]);
        if (edits.value.get(role.id) === sent) put(role.id, null);
      }
    } catch (error) {
      failure.value = { role: role.name, reason: failureText(error, t) };
      put(role.id, null);
    } finally {
      saving.delete(role.id);
    }
    if (saving.size === 0) reloadRoles();
  }

  return { held, saving, failure, toggle };
}
