import type { RouteLocationNormalized, RouteLocationRaw, Router } from 'vue-router';
import { watch } from 'vue';
import { api } from '../lib/api.js';
import { localPath } from '../lib/local-path.js';
import { onForeignLogout, useSession } from '../lib/session.js';
import { i18n } from '../locales/index.js';
import { serverAway } from './boot.js';

type Verdict = RouteLocationRaw | boolean;

async function restored(): Promise<boolean> {
  const session = useSession();
  if (session.isAuthenticated) return true;
  return session.restore();
}

/** Who may see what: the session is known before the first page is shown, so that no login form flashes by. */
async function admit(to: RouteLocationNormalized): Promise<Verdict> {
  const session = useSession();
  const known = await restored();
  if (to.name === 'login') return known ? (localPath(to.query['redirect']) ?? { name: 'home' }) : true;
  if (to.meta.public) return true;
  if (!known) return { name: 'login', query: to.fullPath === '/' ? {} : { redirect: to.fullPath } };
  if (!session.canAny(to.meta.permissions)) {
    return { name: 'forbidden', query: { permission: to.meta.permissions?.join(', ') }, replace: true };
  }
  return true;
}

/** The range goes along from page to page, unless the link brings its own. */
function carryRange(to: RouteLocationNormalized, from: RouteLocationNormalized): Verdict {
  if (to.name === 'login' || to.path === from.path || to.query['from'] !== undefined) return true;
  const { from: start, to: end } = from.query;
  if (start === undefined) return true;
  return { ...to, query: { ...to.query, from: start, ...(end === undefined ? {} : { to: end }) } } as RouteLocationRaw;
}

export function installGuards(router: Router): void {
  router.beforeEach(async (to, from) => {
    try {
      const verdict = await admit(to);
      serverAway.value = null;
      return verdict === true ? carryRange(to, from) : verdict;
    } catch (error) {
      // The session can be neither taken up nor denied while the server is away.
      serverAway.value = { target: to.fullPath, error };
      return false;
    }
  });
  watch([router.currentRoute, i18n.global.locale], ([route]) => setTitle(route));
  router.onError((error, to) => reloadAfterDeploy(error, to.fullPath));
  leaveWhenSessionEnds(router);
}

function setTitle(route: RouteLocationNormalized): void {
  const { title } = route.meta;
  document.title = title === undefined ? 'TelemetryFlow' : `${i18n.global.t(title)} · TelemetryFlow`;
}

/** A page's chunk is gone after a new version was deployed: the new version is loaded, once. */
function reloadAfterDeploy(error: unknown, target: string): void {
  const isChunk =
    error instanceof Error && /dynamically imported module|module script failed|preload CSS/i.test(error.message);
  const key = 'tf-reloaded-for';
  if (!isChunk || sessionStorage.getItem(key) === target) throw error;
  sessionStorage.setItem(key, target);
  window.location.assign(target);
}

function leaveWhenSessionEnds(router: Router): void {
  const leave = (expired: boolean) => {
    const session = useSession();
    const { fullPath, name } = router.currentRoute.value;
    session.clear();
    session.expired = expired;
    if (name !== 'login') void router.replace({ name: 'login', query: { redirect: fullPath } });
  };
  api.onSessionLost(() => {
    // During the first restore there was no session to lose.
    if (useSession().isAuthenticated) leave(true);
  });
  onForeignLogout(() => leave(false));
}
