import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import { installGuards } from './guards.js';
import { settingsRoute } from './settings-route.js';

/**
 * Every feature brings its own pages: `features/<name>/routes.ts` exports `routes: RouteRecordRaw[]` with absolute paths,
 * lazy components and the `meta` declared in route-meta.ts. They are shown inside the shell; its `bareRoutes`, if it has
 * any, without.
 */
const features = import.meta.glob<{ routes: RouteRecordRaw[]; bareRoutes?: RouteRecordRaw[] }>(
  '../features/*/routes.ts',
  { eager: true },
);

const pages = Object.values(features).flatMap((feature) => feature.routes);

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (to, _from, saved) => saved ?? (to.hash ? { el: to.hash } : { top: 0 }),
  routes: [
    ...Object.values(features).flatMap((feature) => feature.bareRoutes ?? []),
    {
      path: '/',
      component: () => import('./shell/AppShell.vue'),
      meta: { framed: true },
      children: [
        { path: '', name: 'home', redirect: { name: 'overview' } },
        ...pages.filter(({ meta }) => meta?.settings === undefined),
        settingsRoute(pages.filter(({ meta }) => meta?.settings !== undefined)),
        // Short addresses, as people type them. `/metrics` is none: there the server answers its own metrics.
        { path: '/traces', redirect: { name: 'traces' } },
        { path: '/traces/:traceId', redirect: { name: 'trace' } },
        { path: '/logs', redirect: { name: 'logs' } },
        {
          path: '/error/403',
          name: 'forbidden',
          component: () => import('./pages/ForbiddenPage.vue'),
          meta: { title: 'errors.forbidden.title', timeRange: false },
        },
        {
          path: '/:path(.*)*',
          name: 'not-found',
          component: () => import('./pages/NotFoundPage.vue'),
          meta: { title: 'errors.notFound.title', timeRange: false },
        },
      ],
    },
  ],
});

installGuards(router);
