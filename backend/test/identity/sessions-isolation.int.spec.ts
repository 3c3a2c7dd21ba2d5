import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database, type SystemScope, systemScope } from '../../src/shared/platform/database/index.js';
import type { RequestContext } from '../../src/shared/platform/index.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';
import { people, type Person } from './people.js';
import { enrol } from './second-factor.js';

/** What the database shows to a session in another scope, the application's own conditions left out. */
let postgres: TestPostgres;
let server: IdentityServer;
let owner: Person;
let colleague: Person;

const TABLES = ['sessions', 'known_devices', 'mfa_secrets', 'mfa_recovery_codes', 'one_time_tokens', 'refresh_tokens'];

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  const crowd = people(server);
  [owner, colleague] = [await crowd.add(), await crowd.add()];
  await enrol(server, owner.auth);
  // A login that waits for its code leaves a token.
  await server.request('POST', '/api/v2/auth/login', { body: { email: owner.email, password: crowd.password } });
  const invitation = { organizationId: server.seeded.places.default.organizationId };
  await crowd.as('admin.telemetryflow', 'POST', '/auth/invites', invitation);
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

function contextOf(person: Person, place: 'default' | 'demo'): RequestContext {
  return {
    requestId: 'r',
    actor: { type: 'user', id: person.id, email: person.email, sessionId: '' },
    ...server.seeded.places[place],
    roles: [],
    permissions: new Set(),
    isPlatformAdministrator: false,
    ip: '',
    userAgent: '',
  };
}

async function counts(scope: RequestContext | SystemScope): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  await server.app.get(Database).transaction(scope, async (manager) => {
    for (const table of TABLES) {
      const mine = table === 'refresh_tokens' || table === 'one_time_tokens' ? '' : ` WHERE user_id = '${owner.id}'`;
      const [row] = await manager.query<{ n: number }[]>(`SELECT count(*)::int AS n FROM ${table}${mine}`);
      seen[table] = row!.n;
    }
  });
  return seen;
}

describe('row-level security of sign-in', () => {
  it('shows all of it to the login, which knows nobody yet', async () => {
    for (const [table, n] of Object.entries(await counts(systemScope('authentication'))))
      expect(n, table).toBeGreaterThan(0);
  });

  it('shows people their own sessions and devices, wherever they stand, and no secret', async () => {
    for (const place of ['default', 'demo'] as const) {
      const seen = await counts(contextOf(owner, place));
      expect(seen).toMatchObject({ mfa_recovery_codes: 0, refresh_tokens: 0 });
      expect(seen['sessions']).toBeGreaterThan(0);
      expect(seen['known_devices']).toBeGreaterThan(0);
    }
  });

  it('shows a colleague that there is a second factor, and the invitations, and nothing else', async () => {
    expect(await counts(contextOf(colleague, 'default'))).toEqual({
      sessions: 0,
      known_devices: 0,
      mfa_secrets: 1,
      mfa_recovery_codes: 0,
      one_time_tokens: 1,
      refresh_tokens: 0,
    });
  });

  it('shows another organization, and other purposes, nothing', async () => {
    const nothing = Object.fromEntries(TABLES.map((table) => [table, 0]));
    expect(await counts(contextOf(colleague, 'demo'))).toEqual(nothing);
    for (const purpose of ['api-keys', 'ingest', 'outbox'] as const)
      expect(await counts(systemScope(purpose))).toEqual(nothing);
  });

  it('lets nobody plant or change what is somebody else’s', async () => {
    const database = server.app.get(Database);
    const asColleague = contextOf(colleague, 'default');
    for (const change of [
      `UPDATE sessions SET expires_at = now() + interval '1 year'`,
      `UPDATE known_devices SET trusted_until = now() + interval '1 year'`,
      'UPDATE mfa_secrets SET failed_attempts = 0',
      'DELETE FROM mfa_secrets',
    ]) {
      const changed = await database.transaction(asColleague, (manager) =>
        manager.query<[unknown[], number]>(`${change} WHERE user_id = $1`, [owner.id]),
      );
      expect([change, changed[1]]).toEqual([change, 0]);
    }
    const { organizationId } = asColleague;
    const planted = database.transaction(asColleague, (manager) =>
      manager.query(
        `INSERT INTO one_time_tokens (one_time_token_id, purpose, token_hash, user_id, organization_id, uses_left, expires_at)
         VALUES (gen_random_uuid(), 'password_reset', decode(repeat('00', 32), 'hex'), $1, $2, 1, now() + interval '1 hour')`,
        [owner.id, organizationId],
      ),
    );
    await expect(planted).rejects.toThrow(/row-level security/);
  });
});
