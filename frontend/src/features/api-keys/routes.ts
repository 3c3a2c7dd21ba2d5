import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/settings/api-keys',
    name: 'api-keys',
    component: () => import('./ApiKeysPage.vue'),
    meta: {
      title: 'api-keys.title',
      permissions: ['api-keys:read'],
      timeRange: false,
      settings: { label: 'api-keys.title', icon: 'i-lucide-key-round', group: 'data', order: 60, key: 'k' },
    },
  },
];
