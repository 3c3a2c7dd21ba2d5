import type { CreateSavedView, SavedView, SavedViewPage, ViewPage } from '@telemetryflow/contracts';
import { useRouter } from 'vue-router';
import { api } from './api.js';
import { reload, useApiQuery, type ApiQuery } from './query.js';
import { useSession } from './session.js';

const MAX_VIEWS = 100;
/** What was open at the moment, and is no part of how a page looks at data. */
const MOMENTARY = ['record', 'at', 'tab', 'error', 'pattern', 'page'];

/** The views of one page, or of all: one's own and those that are shared in the tenant, by name. */
export function useSavedViews(page: ViewPage | null, enabled: () => boolean = () => true): ApiQuery<SavedViewPage> {
  const session = useSession();
  return useApiQuery(
    () => ['saved-views', session.tenantId, page],
    ({ signal }) =>
      api.get<SavedViewPage>('/saved-views', {
        query: { limit: MAX_VIEWS, ...(page !== null && { view: page }) },
        signal,
      }),
    { live: false, enabled: () => enabled() && session.can('queries:read') },
  );
}

/** What a view keeps of a URL's query. */
export function viewState(search: string): string {
  const query = new URLSearchParams(search);
  for (const name of MOMENTARY) query.delete(name);
  return query.toString();
}

/** Where a view leads. */
export function viewLocation({ page, state }: Pick<SavedView, 'page' | 'state'>) {
  return { name: page, query: Object.fromEntries(new URLSearchParams(state)) };
}

/** The state of the page that is on screen now. */
export function useViewState(): () => string {
  const router = useRouter();
  return () => viewState(router.currentRoute.value.fullPath.split('#')[0]?.split('?')[1] ?? '');
}

export const savedViewCommands = {
  async create(view: CreateSavedView): Promise<void> {
    await api.post<SavedView>('/saved-views', view);
    reload(['saved-views']);
  },
  async remove(id: string): Promise<void> {
    await api.delete(`/saved-views/${id}`);
    reload(['saved-views'], id);
  },
};
