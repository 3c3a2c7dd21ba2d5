import type { RouteRecordNormalized, Router } from 'vue-router';

const WAIT_MS = 3_000;

/**
 * Fetches the code of the frame's pages when nothing else is to do, one after another: then going there is immediate, and
 * works while the server is away for a moment. Not for those who asked their browser to save data.
 */
export function prefetchPages(router: Router): void {
  const { connection } = navigator as Navigator & { connection?: { saveData?: boolean } };
  if (connection?.saveData) return;
  const loaders = [...router.getRoutes().flatMap(loadersOf), () => import('../ui/charts/echarts.js')];
  const next = () => {
    const load = loaders.shift();
    // A chunk that is missing now is asked for again, and its absence told, when the page is opened.
    if (load)
      void load().then(
        () => whenIdle(next),
        () => undefined,
      );
  };
  whenIdle(next);
}

/** The pages still to be loaded; one that was shown stands in its record itself. */
function loadersOf({ components }: RouteRecordNormalized): (() => Promise<unknown>)[] {
  return Object.values(components ?? {}).flatMap((component) =>
    typeof component === 'function' ? [component as () => Promise<unknown>] : [],
  );
}

function whenIdle(task: () => void): void {
  // Safari has no idle callback.
  if (typeof requestIdleCallback === 'undefined') setTimeout(task, 200);
  else requestIdleCallback(task, { timeout: WAIT_MS });
}
