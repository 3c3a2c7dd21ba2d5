import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/traces',
    name: 'traces',
    component: () => import('./TracesPage.vue'),
    meta: { titleKey: 'traces.title', permission: 'traces:read' },
  },
  {
    path: '/traces/:traceId',
    name: 'trace',
    component: () => import('./TracePage.vue'),
    props: true,
    meta: { titleKey: 'traces.detail.title', permission: 'traces:read' },
  },
];
