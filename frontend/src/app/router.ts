import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';

/**
 * Every feature brings its own pages: `features/<name>/routes.ts` exports `routes: RouteRecordRaw[]`, lazy components,
 * absolute paths, with the `meta` declared in route-meta.ts (title key, permission, sidebar entry, time range).
 */
const features = import.meta.glob<{ routes: RouteRecordRaw[] }>('../features/*/routes.ts', { eager: true });

export const featureRoutes: RouteRecordRaw[] = Object.values(features).flatMap((feature) => feature.routes);

export const router = createRouter({
  history: createWebHistory(),
  routes: featureRoutes,
});
