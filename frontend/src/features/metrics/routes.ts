import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/metrics',
    name: 'metrics',
    component: () => import('./MetricsPage.vue'),
    meta: { titleKey: 'metrics.title', permission: 'metrics:read' },
  },
];
