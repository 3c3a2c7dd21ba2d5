import type {
  MfaCodeRequest,
  MfaReauthRequest,
  MfaSetup,
  MfaSetupRequest,
  MfaStatus,
  PasswordStatus,
  RecoveryCodes,
  RecoveryEmailRequest,
} from '@telemetryflow/contracts';
import { useQueryClient } from '@tanstack/vue-query';
import { api } from '../../lib/api.js';
import { useApiQuery } from '../../lib/query.js';

/** What protects the account, and what can be done about it. */
export function useSecurity() {
  const cache = useQueryClient();
  const password = useApiQuery(
    ['account', 'password'],
    ({ signal }) => api.get<PasswordStatus>('/auth/password/status', { signal }),
    { live: false },
  );
  const mfa = useApiQuery(['account', 'mfa'], ({ signal }) => api.get<MfaStatus>('/auth/mfa/status', { signal }), {
    live: false,
  });
  return {
    password,
    mfa,
    reload: () => cache.invalidateQueries({ queryKey: ['account'] }),
    /** Begins an enrolment; nothing is on before its first code. */
    setUp: (request: MfaSetupRequest) => api.post<MfaSetup>('/auth/mfa/setup', request),
    enable: (request: MfaCodeRequest) => api.post<RecoveryCodes>('/auth/mfa/enable', request),
    disable: (request: MfaReauthRequest) => api.post('/auth/mfa/disable', request),
    regenerate: (request: MfaReauthRequest) => api.post<RecoveryCodes>('/auth/mfa/recovery-codes/regenerate', request),
    setRecoveryEmail: (request: RecoveryEmailRequest) => api.put('/auth/recovery-email', request),
  };
}
