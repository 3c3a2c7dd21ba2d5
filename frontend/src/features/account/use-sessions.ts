import type {
  DeviceList,
  DeviceView,
  SessionList,
  SessionsTerminated,
  UpdateDeviceRequest,
} from '@telemetryflow/contracts';
import { useQueryClient } from '@tanstack/vue-query';
import { api } from '../../lib/api.js';
import { useApiQuery } from '../../lib/query.js';

/** Where the person is logged in, and the devices that they came from. */
export function useSessions() {
  const cache = useQueryClient();
  const sessions = useApiQuery(
    ['account', 'sessions'],
    ({ signal }) => api.get<SessionList>('/auth/sessions', { signal }),
    { live: false },
  );
  const devices = useApiQuery(
    ['account', 'devices'],
    ({ signal }) => api.get<DeviceList>('/auth/devices', { signal }),
    { live: false },
  );
  const reload = () => cache.invalidateQueries({ queryKey: ['account'] });
  async function changing<T>(change: Promise<T>): Promise<T> {
    try {
      return await change;
    } finally {
      // Also after a refusal: what was to be ended may have ended by itself.
      await reload();
    }
  }
  return {
    sessions,
    devices,
    end: (id: string) => changing(api.delete(`/auth/sessions/${id}`)),
    endOthers: () => changing(api.delete<SessionsTerminated>('/auth/sessions')),
    endAll: () => api.post<SessionsTerminated>('/auth/logout-all'),
    updateDevice: (id: string, request: UpdateDeviceRequest) =>
      changing(api.patch<DeviceView>(`/auth/devices/${id}`, request)),
    forgetDevice: (id: string) => changing(api.delete(`/auth/devices/${id}`)),
  };
}
