import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/settings/groups',
    name: 'groups',
    component: () => import('./GroupsPage.vue'),
    meta: {
      title: 'groups.title',
      permissions: ['groups:read'],
      timeRange: false,
      settings: { label: 'groups.title', icon: 'i-lucide-users-round', group: 'access', order: 20 },
    },
  },
];
