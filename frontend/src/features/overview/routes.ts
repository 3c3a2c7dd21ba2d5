import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/overview',
    name: 'overview',
    component: () => import('./OverviewPage.vue'),
    meta: {
      title: 'overview.title',
      nav: { label: 'overview.title', icon: 'i-lucide-layout-dashboard', order: 10, key: 'o' },
    },
  },
  {
    path: '/services',
    name: 'services',
    component: () => import('./ServicesPage.vue'),
    meta: {
      title: 'overview.services.title',
      permissions: ['traces:read'],
      nav: { label: 'overview.services.title', icon: 'i-lucide-boxes', order: 20, key: 's', bar: false },
    },
  },
];
