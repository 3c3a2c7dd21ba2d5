import { useRouter } from 'vue-router';
import { useTimeRange } from './time-range.js';

/** The address of what is on screen with its range made absolute: opens exactly what its sender saw. */
export function useShareLink(): () => string {
  const router = useRouter();
  const range = useTimeRange();
  return () => {
    const { fromMs, toMs } = range.resolve();
    const { path, query, hash } = router.currentRoute.value;
    const target = router.resolve({
      path,
      hash,
      query: { ...query, from: String(Math.floor(fromMs)), to: String(Math.ceil(toMs)) },
    });
    return window.location.origin + target.href;
  };
}
