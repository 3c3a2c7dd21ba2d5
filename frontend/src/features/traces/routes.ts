import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/telemetry/traces',
    name: 'traces',
    component: () => import('./TracesPage.vue'),
    meta: {
      title: 'traces.title',
      permissions: ['traces:read'],
      nav: { label: 'traces.title', icon: 'i-lucide-waypoints', order: 30, key: 't' },
      layout: 'fill',
    },
  },
  {
    path: '/telemetry/traces/:traceId',
    name: 'trace',
    component: () => import('./TracePage.vue'),
    props: true,
    meta: { title: 'traces.detail.title', permissions: ['traces:read'], layout: 'fill', timeRange: false },
  },
];
