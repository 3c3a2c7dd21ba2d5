import { computed, type ComputedRef } from 'vue';
import { useRouter } from 'vue-router';
import { useSession } from '../../lib/session.js';
import { SETTINGS_GROUPS, type NavEntry, type SettingsEntry } from '../route-meta.js';

interface Place {
  /** The route's name. */
  name: string;
  path: string;
}
export type NavItem = NavEntry & Place;
export type SettingsItem = SettingsEntry & Place;
/** Anything that the palette and the keys lead to. */
export type Destination = Pick<NavEntry, 'label' | 'icon' | 'key'> & Place;

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

/** The pages of the settings that the person may see, in order. */
export function useSettingsNavigation(): ComputedRef<SettingsItem[]> {
  const router = useRouter();
  const session = useSession();
  return computed(() =>
    router
      .getRoutes()
      .flatMap(({ name, path, meta }) =>
        meta.settings !== undefined && session.canAny(meta.permissions)
          ? [{ ...meta.settings, name: String(name), path }]
          : [],
      )
      .sort((a, b) => SETTINGS_GROUPS.indexOf(a.group) - SETTINGS_GROUPS.indexOf(b.group) || a.order - b.order),
  );
}

/** The sidebar's places and those of the settings. */
export function useDestinations(): ComputedRef<Destination[]> {
  const main = useNavigation();
  const settings = useSettingsNavigation();
  return computed(() => [...main.value, ...settings.value]);
}

/** True when `path` is the item's page or one below it. */
export function isWithin(path: string, item: Place): boolean {
  return path === item.path || path.startsWith(`${item.path}/`);
}
