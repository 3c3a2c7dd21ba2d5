import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/telemetry/query',
    name: 'query',
    component: () => import('./QueryPage.vue'),
    meta: {
      title: 'query.title',
      permissions: ['traces:read', 'logs:read', 'metrics:read'],
      nav: { label: 'query.title', icon: 'i-lucide-square-terminal', order: 60, key: 'q', bar: false },
    },
  },
];
