import type {
  AdministratorPage,
  ProvisionedOrganization,
  ProvisionOrganizationRequest,
  WorkspaceQuotas,
} from '@telemetryflow/contracts';
import { keepPreviousData, useQueries } from '@tanstack/vue-query';
import { computed, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue';
import { allPages } from '../../lib/all-pages.js';
import { api } from '../../lib/api.js';
import { reload, useApiQuery } from '../../lib/query.js';
import { useSession } from '../../lib/session.js';
import { LEVEL_FACTS, LEVELS, nodeOf, parseKey, permissionOf, type Level, type NodeRecord } from './levels.js';
import { visibleRows } from './visible-rows.js';

/** With more regions than this the tree opens closed. */
const OPEN_AT_FIRST = 5;

/** The tree: its roots, the children of what is expanded, and what shows of them. */
export function useTree() {
  const session = useSession();
  const rootLevel = computed<Level>(() => (session.can('regions:read') ? 'region' : 'organization'));
  const expanded = shallowRef<ReadonlySet<string>>(new Set());
  const roots = useApiQuery(
    () => ['hierarchy', 'roots', rootLevel.value],
    async ({ signal }) => {
      const records = await allPages<NodeRecord>(`/${LEVEL_FACTS[rootLevel.value].plural}`, { signal });
      return records.map((record) => nodeOf(rootLevel.value, record));
    },
    { live: false },
  );

  const parents = computed(() => [...expanded.value].flatMap((key) => parseKey(key) ?? []));
  const answers = useQueries({
    queries: computed(() =>
      parents.value.map(({ level, id }) => ({
        queryKey: ['hierarchy', 'children', level, id],
        queryFn: async ({ signal }: { signal: AbortSignal }) => childrenOf(level, id, signal),
        placeholderData: keepPreviousData,
      })),
    ),
  });
  const children = computed(
    () =>
      new Map(
        parents.value.map(({ level, id }, index) => {
          const answer = answers.value[index];
          const state = answer?.data ? 'idle' : answer?.isError ? 'failed' : 'loading';
          return [`${level}:${id}`, { nodes: answer?.data ?? [], state } as const];
        }),
      ),
  );
  const rows = computed(() => visibleRows(roots.data.value ?? [], children.value, expanded.value));

  function setExpanded(keys: readonly string[], isExpanded: boolean): void {
    const next = new Set(expanded.value);
    for (const key of keys) {
      if (isExpanded) next.add(key);
      else next.delete(key);
    }
    expanded.value = next;
  }
  // The way to where one stands is open from the start.
  const stop = watch(
    roots.data,
    (nodes) => {
      if (nodes === undefined) return;
      const { place } = session;
      const own = place ? [`organization:${place.organizationId}`, `workspace:${place.workspaceId}`] : [];
      setExpanded([...(nodes.length <= OPEN_AT_FIRST ? nodes.map(({ key }) => key) : []), ...own], true);
      queueMicrotask(() => stop());
    },
    { immediate: true },
  );
  return { roots, rows, expanded, setExpanded };
}

async function childrenOf(level: Level, id: string, signal: AbortSignal) {
  const { child } = LEVEL_FACTS[level];
  if (child === null) return [];
  const { plural, parentField } = LEVEL_FACTS[child];
  const records = await allPages<NodeRecord>(`/${plural}`, { query: { [parentField ?? '']: id }, signal });
  return records.map((record) => nodeOf(child, record));
}

/** One place by its key. */
export function useNode(key: MaybeRefOrGetter<string>) {
  return useApiQuery(
    () => ['hierarchy', 'one', toValue(key)],
    async ({ signal }) => {
      const { level, id } = parseKey(toValue(key)) ?? { level: 'organization' as const, id: 'none' };
      return nodeOf(level, await api.get<NodeRecord>(`/${LEVEL_FACTS[level].plural}/${id}`, { signal }));
    },
    { live: false, enabled: () => parseKey(toValue(key)) !== null, keepPrevious: false },
  );
}

/** Places of every level that were deleted and can still be restored, the latest first. */
export function useDeleted(enabled: MaybeRefOrGetter<boolean>) {
  const session = useSession();
  return useApiQuery(
    ['hierarchy', 'deleted'],
    async ({ signal }) => {
      const levels = LEVELS.filter((level) => session.can(permissionOf(level, 'read')));
      const lists = await Promise.all(
        levels.map(async (level) => {
          const path = `/${LEVEL_FACTS[level].plural}`;
          const records = await allPages<NodeRecord>(path, { query: { deleted: true }, signal });
          return records.map((record) => ({ ...nodeOf(level, record), id: `${level}:${record.id}` }));
        }),
      );
      return lists.flat().sort((a, b) => (b.record.deletedAt ?? '').localeCompare(a.record.deletedAt ?? ''));
    },
    { live: false, enabled },
  );
}

export function useAdministrators(organizationId: MaybeRefOrGetter<string>) {
  return useApiQuery(
    () => ['hierarchy', 'administrators', toValue(organizationId)],
    ({ signal }) =>
      api.get<AdministratorPage>(`/organizations/${toValue(organizationId)}/administrators`, {
        query: { limit: 100 },
        signal,
      }),
    { live: false },
  );
}

async function then<T>(call: Promise<T>, gone?: string): Promise<T> {
  const answer = await call;
  reload(['hierarchy'], gone);
  // The switcher and every choice of a place show it too.
  await useSession().reloadScopes();
  return answer;
}

const pathOf = (level: Level, id: string) => `/${LEVEL_FACTS[level].plural}/${id}`;

/** Each throws `ApiError` when it is refused. */
export const hierarchyCommands = {
  create: (level: Level, request: unknown) => then(api.post<NodeRecord>(`/${LEVEL_FACTS[level].plural}`, request)),
  update: (level: Level, id: string, request: unknown) => then(api.patch<NodeRecord>(pathOf(level, id), request)),
  activate: (level: Level, id: string) => then(api.patch(`${pathOf(level, id)}/activate`)),
  deactivate: (level: Level, id: string) => then(api.patch(`${pathOf(level, id)}/deactivate`)),
  remove: (level: Level, id: string) => then(api.delete(pathOf(level, id)), id),
  restore: (level: Level, id: string) => then(api.post(`${pathOf(level, id)}/restore`)),
  setQuotas: (id: string, quotas: WorkspaceQuotas) =>
    then(api.put<WorkspaceQuotas>(`/workspaces/${id}/quotas`, quotas)),
  provision: (request: ProvisionOrganizationRequest) =>
    then(api.post<ProvisionedOrganization>('/organizations/provision', request)),
};
