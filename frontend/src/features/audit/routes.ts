import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/settings/audit',
    name: 'audit',
    component: () => import('./AuditPage.vue'),
    // Acts are rare beside telemetry: half an hour of them is mostly nothing.
    beforeEnter: (to) =>
      to.query['from'] === undefined ? { path: to.path, query: { ...to.query, from: 'now-7d', to: 'now' } } : true,
    meta: {
      title: 'audit.title',
      permissions: ['audit-logs:read'],
      settings: { label: 'audit.title', icon: 'i-lucide-scroll-text', group: 'data', order: 70, key: 'a' },
    },
  },
];
