import { useRoute, useRouter } from 'vue-router';

export interface UrlQuery {
  /** The parameter's text; empty when it is absent. Reactive. */
  get(name: string): string;
  /** Sets several parameters in one navigation; empty text removes one. `replace` leaves no step in the history. */
  patch(values: Readonly<Record<string, string>>, options?: { replace?: boolean }): Promise<void>;
}

/** The page's state in the URL, beside the time range. */
export function useUrlQuery(): UrlQuery {
  const route = useRoute();
  const router = useRouter();
  return {
    get: (name) => {
      const value = route.query[name];
      return typeof value === 'string' ? value : '';
    },
    patch: async (values, { replace = false } = {}) => {
      const query = { ...route.query };
      for (const [name, value] of Object.entries(values)) {
        if (value === '') delete query[name];
        else query[name] = value;
      }
      await router[replace ? 'replace' : 'push']({ query, hash: route.hash });
    },
  };
}
