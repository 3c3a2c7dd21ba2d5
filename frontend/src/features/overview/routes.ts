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
];
