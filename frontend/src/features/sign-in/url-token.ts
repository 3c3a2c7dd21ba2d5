import { useRoute, useRouter } from 'vue-router';

/**
 * The secret of a link from a mail. It is taken out of the address at once, so that it stays neither in the history nor on
 * a shared screen; a reload still finds it in this entry's state, other sites never do.
 */
export function useUrlToken(name = 'token'): string {
  const route = useRoute();
  const router = useRouter();
  const given = route.query[name];
  const kept: unknown = window.history.state?.[name];
  const token = typeof given === 'string' ? given : typeof kept === 'string' ? kept : '';
  if (typeof given === 'string') {
    const query = { ...route.query };
    delete query[name];
    void router.replace({ path: route.path, query, state: { [name]: token } });
  }
  return token;
}
