/** The audit trail of a server that is killed again and again while acts are recorded. */
import { randomUUID } from 'node:crypto';
import type { AuditPage, AuditVerification } from '@telemetryflow/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, seedUsers, TestPlatform } from './support/platform.js';

const ROUNDS = 3;
const ACTS = 12;
let platform: TestPlatform;

beforeAll(async () => {
  platform = await TestPlatform.start({ SIGN_IN_FAILURES_PER_MINUTE: '100000', OTEL_SELF: 'false' });
});
afterAll(() => platform?.dispose());

/** An act with a request id of its own: a login that fails. Answers the id once the server has answered. */
async function act(): Promise<string> {
  const requestId = randomUUID();
  const { status } = await platform.request('POST', '/api/v2/auth/login', {
    body: { email: seedUsers.administrator.email.replace('admin', `nobody-${requestId}`), password: 'wrong' },
    headers: { 'x-request-id': requestId },
  });
  expect(status).toBe(401);
  return requestId;
}

it('keeps every act that was answered, once, in a chain that is intact', async () => {
  const answered: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const running = Array.from({ length: ACTS }, () => act().then((id) => answered.push(id)));
    // Killed while some have been answered and their entries are on their way.
    await Promise.race(running);
    await platform.kill();
    await Promise.allSettled(running);
    await platform.launch();
  }
  expect(answered.length).toBeGreaterThanOrEqual(ROUNDS);
  const none = '00000000-0000-0000-0000-000000000000';
  for (const requestId of answered) {
    const { data } = await eventually(`the entry of ${requestId}`, async () => {
      const { body } = await platform.api<AuditPage>('GET', `/api/v2/audit?requestId=${requestId}`, { as: 'super' });
      return body.data.length > 0 ? body : undefined;
    });
    expect(data.map(({ action, organizationId }) => [action, organizationId])).toEqual([['auth.login_failed', null]]);
  }
  const path = `/api/v2/audit/verify?organizationId=${none}`;
  const { body } = await platform.api<AuditVerification>('GET', path, { as: 'super' });
  expect(body).toMatchObject({ intact: true, firstSequence: 1, faults: [] });
  expect(body.checked).toBe(body.lastSequence);
  expect(body.checked).toBeGreaterThanOrEqual(answered.length);
}, 180_000);
