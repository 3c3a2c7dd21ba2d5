import type { RouteRecordRaw } from 'vue-router';
import { useSession } from '../lib/session.js';

/**
 * The pages of the settings, under their sidebar. `/settings` itself is the first of them that the person may see; who
 * may see none has no entry that leads there.
 */
export function settingsRoute(pages: readonly RouteRecordRaw[]): RouteRecordRaw {
  const inOrder = [...pages].sort((a, b) => (a.meta?.settings?.order ?? 0) - (b.meta?.settings?.order ?? 0));
  const permissions = [...new Set(inOrder.flatMap(({ meta }) => meta?.permissions ?? []))];
  return {
    path: '/settings',
    component: () => import('./shell/SettingsLayout.vue'),
    children: [
      {
        path: '',
        name: 'settings',
        component: { render: () => null },
        beforeEnter: () => {
          const session = useSession();
          const first = inOrder.find(({ meta }) => session.canAny(meta?.permissions));
          return first?.name === undefined ? true : { name: first.name, replace: true };
        },
        meta: {
          title: 'settings.title',
          permissions,
          timeRange: false,
          nav: { label: 'settings.title', icon: 'i-lucide-settings', order: 120 },
        },
      },
      ...inOrder,
    ],
  };
}
