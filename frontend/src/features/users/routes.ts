import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/settings/users',
    name: 'users',
    component: () => import('./UsersPage.vue'),
    meta: {
      title: 'users.title',
      permissions: ['users:read'],
      timeRange: false,
      settings: { label: 'users.title', icon: 'i-lucide-user-round', group: 'access', order: 10, key: 'u' },
    },
  },
  {
    path: '/settings/assignments',
    name: 'assignments',
    component: () => import('./AssignmentsPage.vue'),
    meta: {
      title: 'users.assignments.title',
      permissions: ['users:read'],
      timeRange: false,
      settings: { label: 'users.assignments.title', icon: 'i-lucide-user-round-check', group: 'access', order: 50 },
    },
  },
];
