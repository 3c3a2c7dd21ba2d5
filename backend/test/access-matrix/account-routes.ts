import { list, object, open, own, type Expectation } from './expectation.js';

/** A malformed body is enough to see who gets as far as its validation, where success would change the caller. */
const REFUSED = 400;

export const accountRoutes: Record<string, Expectation> = {
  'GET /api/v2/auth/options': open(200),
  'POST /api/v2/auth/register': open(REFUSED, { body: {} }),
  'POST /api/v2/auth/login': open(REFUSED, { body: {} }),
  'POST /api/v2/auth/verify-mfa': open(REFUSED, { body: {} }),
  'POST /api/v2/auth/refresh': open(401, { body: { refresh_token: 'unknown' } }),
  'POST /api/v2/auth/verify-email': open(REFUSED, { body: { token: 'unknown' } }),
  'POST /api/v2/auth/verify-email/resend': open(REFUSED, { body: {} }),
  'POST /api/v2/auth/forgot-password': open(REFUSED, { body: {} }),
  'POST /api/v2/auth/password/validate-token': open(200, { body: { token: 'unknown' } }),
  'POST /api/v2/auth/password/strength': open(200, { body: { password: 'a password' } }),
  'POST /api/v2/auth/reset-password': open(REFUSED, { body: {} }),

  'GET /api/v2/auth/me': own(200),
  'POST /api/v2/auth/logout': own(204, undefined, true),
  'POST /api/v2/auth/logout-all': { ...own(200, undefined, true), endsEverySession: true },
  'GET /api/v2/auth/email/verification-status': own(200),
  'GET /api/v2/auth/mfa/status': own(200),
  'POST /api/v2/auth/mfa/setup': own(200),
  'POST /api/v2/auth/mfa/enable': own(REFUSED, {}),
  'POST /api/v2/auth/mfa/disable': own(REFUSED, {}),
  'POST /api/v2/auth/mfa/recovery-codes/regenerate': own(REFUSED, {}),
  'GET /api/v2/auth/sessions': own(200),
  'DELETE /api/v2/auth/sessions': { ...own(200, undefined, true), endsEverySession: true },
  'DELETE /api/v2/auth/sessions/{id}': own(404),
  'GET /api/v2/auth/devices': own(200),
  'PATCH /api/v2/auth/devices/{id}': own(404, { name: 'a device' }),
  'DELETE /api/v2/auth/devices/{id}': own(404),
  'GET /api/v2/auth/profile': own(200),
  'PATCH /api/v2/auth/profile': own(200, {}),
  'POST /api/v2/auth/avatar': own(REFUSED, {}),
  'DELETE /api/v2/auth/avatar': own(204),
  'PUT /api/v2/auth/recovery-email': own(REFUSED, {}),
  'GET /api/v2/auth/preferences': own(200),
  'PATCH /api/v2/auth/preferences': own(200, {}),
  'POST /api/v2/auth/change-password': own(REFUSED, {}),
  'GET /api/v2/auth/password/status': own(200),
  'GET /api/v2/auth/invites': list('users:create'),
  'POST /api/v2/auth/invites': object('users:create', 201, (s) => ({ body: { organizationId: s.organizationId } })),
  'DELETE /api/v2/auth/invites/{id}': object('users:create', 204, async (s) => ({
    ids: [(await s.make('/api/v2/auth/invites', { organizationId: s.organizationId })).id],
  })),
  'GET /api/v2/avatars/{id}': open(404),
};
