import { useRouter } from 'vue-router';
import { useSession } from '../../lib/session.js';

/** Ends the session everywhere and shows the login page, whatever the server says. */
export function useLogout(): () => Promise<void> {
  const router = useRouter();
  const session = useSession();
  return async () => {
    try {
      await session.logout();
    } finally {
      await router.replace({ name: 'login' });
    }
  };
}
