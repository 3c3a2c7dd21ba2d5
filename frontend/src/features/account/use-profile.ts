import type { AvatarResponse, Profile, UpdateProfileRequest } from '@telemetryflow/contracts';
import { useQueryClient } from '@tanstack/vue-query';
import { api } from '../../lib/api.js';
import { useApiQuery } from '../../lib/query.js';
import { useSession } from '../../lib/session.js';

const KEY = ['account', 'profile'];

/** The person's own record, and what can be changed of it. What the frame shows of them changes at once. */
export function useProfile() {
  const session = useSession();
  const cache = useQueryClient();
  const profile = useApiQuery(KEY, ({ signal }) => api.get<Profile>('/auth/profile', { signal }), { live: false });

  async function update(request: UpdateProfileRequest): Promise<void> {
    const changed = await api.patch<Profile>('/auth/profile', request);
    cache.setQueryData(KEY, changed);
    const { firstName, lastName, timezone, locale } = changed;
    session.update({ firstName, lastName, timezone, locale });
  }

  async function setAvatar(picture: Blob | null): Promise<void> {
    let avatar: string | null = null;
    if (picture === null) await api.delete('/auth/avatar');
    else {
      const form = new FormData();
      form.append('avatar', picture, 'avatar');
      ({ avatar } = await api.post<AvatarResponse>('/auth/avatar', form));
    }
    session.update({ avatar });
    await cache.invalidateQueries({ queryKey: KEY });
  }

  return { profile, update, setAvatar, reload: () => cache.invalidateQueries({ queryKey: KEY }) };
}
