import type { SignInOptions } from '@telemetryflow/contracts';
import { computed } from 'vue';
import { api } from '../../lib/api.js';
import { useApiQuery } from '../../lib/query.js';

/** What this server offers to those who are not logged in. Nothing is offered before it has said so. */
export function useSignInOptions() {
  const query = useApiQuery(['sign-in-options'], ({ signal }) => api.get<SignInOptions>('/auth/options', { signal }), {
    live: false,
  });
  return {
    query,
    canRegister: computed(() => query.data.value?.registration === 'open'),
    needsInvitation: computed(() => query.data.value?.registration === 'invite'),
    isClosed: computed(() => query.data.value?.registration === 'closed'),
    hasMail: computed(() => query.data.value?.mail === true),
  };
}
