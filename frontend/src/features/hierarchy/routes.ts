import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/settings/hierarchy',
    name: 'hierarchy',
    component: () => import('./HierarchyPage.vue'),
    meta: {
      title: 'hierarchy.title',
      permissions: ['organizations:read'],
      timeRange: false,
      settings: { label: 'hierarchy.title', icon: 'i-lucide-network', group: 'places', order: 55, key: 'h' },
    },
  },
];
