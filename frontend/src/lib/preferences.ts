import type { Preferences } from '@telemetryflow/contracts';
import { usePreferredDark, useStorage } from '@vueuse/core';
import { computed } from 'vue';
import type { ThemeName } from '../ui/tokens.js';

/**
 * What a person chose. Kept in local storage under `tf-*`, shared by every component; what belongs to the account goes
 * along to other browsers (preference-sync.ts).
 */
export type ThemeChoice = 'system' | ThemeName;
export type Locale = 'en' | 'id';

export const themeChoice = useStorage<ThemeChoice>('tf-theme', 'system');
/** An IANA zone, `UTC`, or `browser`. */
export const zoneChoice = useStorage<string>('tf-zone', 'browser');
export const locale = useStorage<Locale>('tf-locale', navigatorLocale());
export const density = useStorage<Preferences['density']>('tf-density', 'comfortable');
export const dateFormat = useStorage<Preferences['dateFormat']>('tf-date-format', 'iso');
export const timeFormat = useStorage<Preferences['timeFormat']>('tf-time-format', '24h');
/** Rows of a page in every list of records. */
export const itemsPerPage = useStorage<Preferences['itemsPerPage']>('tf-items-per-page', 20);
export const animations = useStorage<boolean>('tf-animations', true);
export const emailNotices = useStorage<boolean>('tf-email-notices', true);

export const sidebarCollapsed = useStorage<boolean>('tf-sidebar-collapsed', false);
/** Pixels; the width the drawer was last dragged to. */
export const drawerWidth = useStorage<number>('tf-drawer-width', 560);

const systemIsDark = usePreferredDark();

/** The theme on screen: the choice, or the system's until there is one. */
export const theme = computed<ThemeName>(() =>
  themeChoice.value === 'dark' || themeChoice.value === 'light'
    ? themeChoice.value
    : systemIsDark.value
      ? 'dark'
      : 'light',
);

/** The zone every time is shown in, as `Intl` wants it: undefined is the browser's own. */
export const zone = computed<string | undefined>(() => (isZone(zoneChoice.value) ? zoneChoice.value : undefined));

/** An account's zone may be one that this browser does not know, with which every page would fail. */
function isZone(name: string): boolean {
  if (name === 'browser') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name }).format();
    return true;
  } catch {
    return false;
  }
}

function navigatorLocale(): Locale {
  return globalThis.navigator?.language?.startsWith('id') ? 'id' : 'en';
}
