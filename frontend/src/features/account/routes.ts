import type { RouteRecordRaw } from 'vue-router';

export const routes: RouteRecordRaw[] = [
  {
    path: '/account',
    component: () => import('./AccountLayout.vue'),
    meta: { timeRange: false },
    redirect: { name: 'account-profile' },
    children: [
      {
        path: 'profile',
        name: 'account-profile',
        component: () => import('./ProfilePage.vue'),
        meta: { title: 'account.profile.title' },
      },
      {
        path: 'security',
        name: 'account-security',
        component: () => import('./SecurityPage.vue'),
        meta: { title: 'account.security.title' },
      },
      {
        path: 'sessions',
        name: 'account-sessions',
        component: () => import('./SessionsPage.vue'),
        meta: { title: 'account.sessions.title' },
      },
      {
        path: 'preferences',
        name: 'account-preferences',
        component: () => import('./PreferencesPage.vue'),
        meta: { title: 'account.preferences.title' },
      },
      {
        path: 'data',
        name: 'account-data',
        component: () => import('./MyDataPage.vue'),
        meta: { title: 'account.data.title' },
      },
    ],
  },
];
