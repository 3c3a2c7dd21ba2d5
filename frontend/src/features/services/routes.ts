import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/services',
    name: 'services',
    component: () => import('./ServicesPage.vue'),
    meta: {
      title: 'services.title',
      permissions: ['traces:read'],
      nav: { label: 'services.title', icon: 'i-lucide-boxes', order: 20, key: 's', bar: false },
      layout: 'fill',
    },
  },
  {
    path: '/services/:service',
    name: 'service',
    component: () => import('./ServicePage.vue'),
    props: true,
    meta: { title: 'services.page.title', permissions: ['traces:read'] },
  },
];
