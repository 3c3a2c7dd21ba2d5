import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/get-started',
    name: 'get-started',
    component: () => import('./GetStartedPage.vue'),
    meta: {
      title: 'get-started.title',
      timeRange: false,
      nav: { label: 'get-started.title', icon: 'i-lucide-rocket', order: 120, key: 'h' },
    },
  },
];
