import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/logs',
    name: 'logs',
    component: () => import('./LogsPage.vue'),
    meta: { titleKey: 'logs.title', permission: 'logs:read' },
  },
];
