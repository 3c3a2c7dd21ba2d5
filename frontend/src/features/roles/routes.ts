import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/settings/roles',
    name: 'roles',
    component: () => import('./RolesPage.vue'),
    meta: {
      title: 'roles.title',
      permissions: ['roles:read'],
      timeRange: false,
      settings: { label: 'roles.title', icon: 'i-lucide-badge-check', group: 'access', order: 30 },
    },
  },
  {
    path: '/settings/permission-matrix',
    name: 'permission-matrix',
    component: () => import('./MatrixPage.vue'),
    meta: {
      title: 'roles.matrix.title',
      permissions: ['roles:read'],
      timeRange: false,
      layout: 'fill',
      settings: { label: 'roles.matrix.title', icon: 'i-lucide-grid-3x3', group: 'access', order: 40 },
    },
  },
];
