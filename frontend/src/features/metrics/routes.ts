import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/telemetry/metrics',
    name: 'metrics',
    component: () => import('./MetricsPage.vue'),
    meta: {
      title: 'metrics.title',
      permissions: ['metrics:read'],
      nav: { label: 'metrics.title', icon: 'i-lucide-chart-line', order: 50, key: 'm' },
      layout: 'fill',
    },
  },
];
