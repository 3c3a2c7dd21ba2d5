import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/telemetry/logs',
    name: 'logs',
    component: () => import('./LogsPage.vue'),
    meta: {
      title: 'logs.title',
      permissions: ['logs:read'],
      nav: { label: 'logs.title', icon: 'i-lucide-scroll-text', order: 40, key: 'l' },
      layout: 'fill',
    },
  },
];
