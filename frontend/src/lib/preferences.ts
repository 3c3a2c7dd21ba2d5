import { usePreferredDark, useStorage } from '@vueuse/core';
import { computed } from 'vue';
import type { ThemeName } from '../ui/tokens.js';

/** What a person chose in this browser. Kept in local storage under `tf-*`; shared by every component. */
export type ThemeChoice = 'system' | ThemeName;
export type Locale = 'en' | 'id';

export const themeChoice = useStorage<ThemeChoice>('tf-theme', 'system');
/** An IANA zone, `UTC`, or `browser`. */
export const zoneChoice = useStorage<string>('tf-zone', 'browser');
export const locale = useStorage<Locale>('tf-locale', navigatorLocale());
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
export const zone = computed<string | undefined>(() => (zoneChoice.value === 'browser' ? undefined : zoneChoice.value));

function navigatorLocale(): Locale {
  return globalThis.navigator?.language?.startsWith('id') ? 'id' : 'en';
}
