import type { Permission } from '@telemetryflow/contracts';
import 'vue-router';

export interface NavEntry {
  /** Catalogue key of the label. */
  label: string;
  /** An icon class, `i-lucide-…`. */
  icon: string;
  /** Place in the sidebar: overview 10, services 20, traces 30, logs 40, metrics 50; 100 and up stand in the lower group. */
  order: number;
  /** The letter after `g` that goes here. */
  key?: string;
  /** False: on a narrow screen it stands behind the bar's last button. */
  bar?: boolean;
}

/** A place in the second-level sidebar of the settings. */
export interface SettingsEntry {
  /** Catalogue key of the label. */
  label: string;
  icon: string;
  group: (typeof SETTINGS_GROUPS)[number];
  order: number;
  /** The letter after `g` that goes here. */
  key?: string;
}

/** The parts of the settings, in order. */
export const SETTINGS_GROUPS = ['access', 'places', 'data'] as const;

declare module 'vue-router' {
  interface RouteMeta {
    /** Catalogue key of the document's title. */
    title?: string;
    /** Open to those who are not logged in. */
    public?: boolean;
    /** Of no use to those who are logged in: they are sent home. */
    guestOnly?: boolean;
    /** Inside the shell, which stays when the server is away. */
    framed?: boolean;
    /** Any one of them opens the page; who has none is told which are needed. */
    permissions?: readonly Permission[];
    nav?: NavEntry;
    /** Stands in the settings, under their sidebar. */
    settings?: SettingsEntry;
    /** False where the page doesn't read the time range: hides the picker and the refresh control. Default true. */
    timeRange?: boolean;
    /** `page` has gutters and scrolls; `fill` gives the page the whole content box and no scrolling. Default `page`. */
    layout?: 'page' | 'fill';
  }
}
