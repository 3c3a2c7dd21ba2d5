import {
  isNavigationFailure,
  NavigationFailureType,
  type RouteLocationNormalized,
  type RouteLocationRaw,
  type Router,
} from 'vue-router';
import { watch } from 'vue';
import { api, ApiError } from '../lib/api.js';
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
  if (known && to.meta.guestOnly) return localPath(to.query['redirect']) ?? { name: 'home' };
  if (to.name === 'mfa-verify' && session.challenge === null) return { name: 'login', query: to.query };
  if (to.meta.public) return true;
  if (!known) return { name: 'login', query: to.fullPath === '/' ? {} : { redirect: to.fullPath } };
  if (session.user?.mustChangePassword && to.name !== 'change-password') {
    return { name: 'change-password', query: to.fullPath === '/' ? {} : { redirect: to.fullPath } };
  }
  if (session.user?.mustSetUpSecondFactor && to.name !== 'account-security') return { name: 'account-security' };
  if (!session.canAny(to.meta.permissions)) {
    return { name: 'forbidden', query: { permission: to.meta.permissions?.join(', ') }, replace: true };
  }
  return true;
}

/** The range goes along from page to page, unless the link brings its own. */
function carryRange(to: RouteLocationNormalized, from: RouteLocationNormalized): Verdict {
  if (to.meta.framed !== true || to.path === from.path || to.query['from'] !== undefined) return true;
  const { from: start, to: end } = from.query;
  if (start === undefined) return true;
  return { ...to, query: { ...to.query, from: start, ...(end === undefined ? {} : { to: end }) } } as RouteLocationRaw;
}

export function installGuards(router: Router): void {
  router.beforeEach(async (to, from) => {
    try {
      const verdict = await admit(to);
      return verdict === true ? carryRange(to, from) : verdict;
    } catch (error) {
      // The session can be neither taken up nor denied while the server is away.
      serverAway.value = { target: to.fullPath, error };
      return false;
    }
  });
  router.afterEach((_to, _from, failure) => {
    // Going to where one already is means staying there.
    if (failure && !isNavigationFailure(failure, NavigationFailureType.duplicated)) return;
    serverAway.value = null;
    sessionStorage.removeItem(RELOADED_KEY);
  });
  watch([router.currentRoute, i18n.global.locale], ([route]) => setTitle(route));
  router.onError((error, to) => void missingChunk(error, to.fullPath));
  leaveWhenSessionEnds(router);
}

function setTitle(route: RouteLocationNormalized): void {
  const { title } = route.meta;
  document.title = title === undefined ? 'TelemetryFlow' : `${i18n.global.t(title)} · TelemetryFlow`;
}

/** The address that was loaded anew because a chunk of it was missing; kept until a page is shown. */
const RELOADED_KEY = 'tf-reloaded-for';

/**
 * A page's chunk can't be had. When the server answers, a new version was deployed: that one is loaded, once. When it
 * doesn't, loading would lead into the browser's own error page: the page says so instead, and goes on by itself.
 */
async function missingChunk(error: unknown, target: string): Promise<void> {
  const isChunk =
    error instanceof Error && /dynamically imported module|module script failed|preload CSS/i.test(error.message);
  if (!isChunk || sessionStorage.getItem(RELOADED_KEY) === target) throw error;
  if (!(await serverAnswers())) {
    serverAway.value = { target, error };
    return;
  }
  sessionStorage.setItem(RELOADED_KEY, target);
  window.location.assign(target);
}

async function serverAnswers(): Promise<boolean> {
  try {
    await api.get('/config');
    return true;
  } catch (error) {
    if (error instanceof ApiError) return error.status > 0 && (error.status < 502 || error.status > 504);
    throw error;
  }
}

function leaveWhenSessionEnds(router: Router): void {
  const leave = (expired: boolean) => {
    const session = useSession();
    const { fullPath, meta } = router.currentRoute.value;
    session.clear();
    session.expired = expired;
    if (!meta.public) void router.replace({ name: 'login', query: { redirect: fullPath } });
  };
  api.onSessionLost(() => {
    // During the first restore there was no session to lose.
    if (useSession().isAuthenticated) leave(true);
  });
  onForeignLogout(() => leave(false));
}
