import { Secret, TOTP } from 'otpauth';
import type { Answer, IdentityServer } from './identity-app.js';

const PERIOD_MS = 30_000;

export interface Enrolled {
  /** Base32. */
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** The code of the step that many steps from now. */
export function codeAt(secret: string, steps = 0): string {
  return TOTP.generate({ secret: Secret.fromBase32(secret), timestamp: Date.now() + steps * PERIOD_MS });
}

/** Six digits that are no code of any step near. */
export function wrongCodeFor(secret: string): string {
  const near = new Set([-3, -2, -1, 0, 1, 2, 3].map((steps) => codeAt(secret, steps)));
  let wrong = 0;
  while (near.has(String(wrong).padStart(6, '0'))) wrong += 1;
  return String(wrong).padStart(6, '0');
}

/** Runs `work` again when a step ended meanwhile: what was two steps ago before was one step ago when it began. */
export async function withinOneStep<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    const step = Math.floor(Date.now() / PERIOD_MS);
    const result = await work();
    if (Math.floor(Date.now() / PERIOD_MS) === step) return result;
  }
}

/** Turns the second factor on for whoever holds the session. */
export async function enrol(server: IdentityServer, headers: Record<string, string>): Promise<Enrolled> {
  const setup = await server.request('POST', '/api/v2/auth/mfa/setup', { headers });
  if (setup.status !== 200) throw new Error(`no enrolment: ${JSON.stringify(setup.body)}`);
  const { secret } = setup.body;
  const enabled = await server.request('POST', '/api/v2/auth/mfa/enable', {
    headers,
    body: { code: codeAt(secret) },
  });
  if (enabled.status !== 200) throw new Error(`not enabled: ${JSON.stringify(enabled.body)}`);
  return { secret, recoveryCodes: enabled.body.recoveryCodes };
}

/** Codes of the past may be used again; the lock opens. */
export async function forgetUse(server: IdentityServer, userId: string): Promise<void> {
  await server.sql(
    'UPDATE mfa_secrets SET last_used_step = 0, failed_attempts = 0, locked_until = NULL WHERE user_id = $1',
    [userId],
  );
}

export function verifyMfa(
  server: IdentityServer,
  mfaToken: string,
  code: string,
  more: { headers?: Record<string, string>; trustDevice?: boolean } = {},
): Promise<Answer> {
  const { headers = {}, ...body } = more;
  return server.request('POST', '/api/v2/auth/verify-mfa', { headers, body: { mfaToken, code, ...body } });
}
