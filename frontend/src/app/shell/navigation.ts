import { computed, type ComputedRef } from 'vue';
import { useRouter } from 'vue-router';
import { useSession } from '../../lib/session.js';
import type { NavEntry } from '../route-meta.js';

export interface NavItem extends NavEntry {
  /** The route's name. */
  name: string;
  path: string;
}

/** Entries from this place on stand in the sidebar's lower group. */
export const LOWER_GROUP = 100;

/** What there is to go to, in order: the pages that name a place in the sidebar and that the person may see. */
export function useNavigation(): ComputedRef<NavItem[]> {
  const router = useRouter();
  const session = useSession();
  return computed(() =>
    router
      .getRoutes()
      .flatMap(({ name, path, meta }) =>
        meta.nav !== undefined && session.canAny(meta.permissions) ? [{ ...meta.nav, name: String(name), path }] : [],
      )
      .sort((a, b) => a.order - b.order),
  );
}

/** True when `path` is the item's page or one below it. */
export function isWithin(path: string, item: NavItem): boolean {
  return path === item.path || path.startsWith(`${item.path}/`);
}
