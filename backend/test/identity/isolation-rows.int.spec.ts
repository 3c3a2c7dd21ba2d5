/**
 * The second of the three walls between organizations, alone: row-level security. Statements without any condition, in a
 * session of the application's role that only says where it stands.
 */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/shared/platform/index.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';
import { furnish, type House, MARK, tracesOf } from './two-organizations.js';

let postgres: TestPostgres;
let server: IdentityServer;
let session: pg.Client;
let own: House;
let foreign: House;
let tables: string[];

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  [own, foreign] = [await furnish(server, 'own'), await furnish(server, MARK)];
  session = new pg.Client({ connectionString: postgres.appUrl });
  await session.connect();
  const rows = await server.sql<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition ORDER BY relname`,
  );
  tables = rows.map(({ name }) => name);
});
afterAll(async () => {
  await session?.end();
  await server?.stop();
  await postgres?.stop();
});

/** Runs `work` where `house` stands, and takes everything back. */
async function standingIn(house: House, work: () => Promise<void>): Promise<void> {
  await session.query('BEGIN');
  try {
    for (const [name, value] of Object.entries({
      organization_id: house.organizationId,
      workspace_id: house.workspaceId,
      tenant_id: house.tenantId,
      user_id: house.administratorId,
    })) {
      await session.query(`SELECT set_config('app.${name}', $1, true)`, [value]);
    }
    await work();
  } finally {
    await session.query('ROLLBACK');
  }
}

const withColumn = (column: string) =>
  server.sql<{ table_name: string }>(
    `SELECT c.table_name FROM information_schema.columns c
     JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND c.column_name = $1 AND t.table_type = 'BASE TABLE'`,
    [column],
  );

/** Tables in which the foreign organization has rows by what was made over the wire. */
const FURNISHED = [
  'api_keys',
  'group_members',
  'group_role_assignments',
  'groups',
  'open_places',
  'organizations',
  'permission_grants',
  'refresh_tokens',
  'role_assignments',
  'roles',
  'sessions',
  'tenants',
  'users',
  'workspaces',
];

describe('B26: row-level security alone', () => {
  it.each(FURNISHED)('has something foreign to hide in %s', async (table) => {
    const [row] = await server.sql<{ n: number }>(`SELECT count(*)::int AS n FROM ${table} x WHERE x::text LIKE $1`, [
      `%${foreign.organizationId}%`,
    ]);
    expect(row!.n).toBeGreaterThan(0);
  });

  it('shows no foreign row in any table or view, and own ones', async () => {
    await standingIn(own, async () => {
      for (const table of tables) {
        const { rows } = await session.query<{ row: string }>(`SELECT x::text AS row FROM ${table} x`);
        const leaked = rows.filter(({ row }) => tracesOf(foreign).some((trace) => row.includes(trace)));
        expect(leaked, table).toEqual([]);
      }
      for (const table of ['users', 'tenants', 'groups', 'api_keys', 'role_assignments']) {
        expect((await session.query(`SELECT 1 FROM ${table}`)).rowCount, table).toBeGreaterThan(0);
      }
    });
  });

  it('counts and changes no foreign row', async () => {
    const owned = await withColumn('organization_id');
    expect(owned.length).toBeGreaterThan(10);
    for (const { table_name: table } of owned) {
      await standingIn(own, async () => {
        const condition = `WHERE organization_id = '${foreign.organizationId}'`;
        const counted = await session.query(`SELECT count(*)::int AS n FROM ${table} ${condition}`);
        expect(counted.rows, table).toEqual([{ n: 0 }]);
        const changed = await session.query(`UPDATE ${table} SET organization_id = organization_id ${condition}`);
        expect(changed.rowCount, table).toBe(0);
        expect((await session.query(`DELETE FROM ${table} ${condition}`)).rowCount, table).toBe(0);
      });
    }
  });

  it('lets no row be planted in, or moved to, another organization', async () => {
    const { organizationId, workspaceId, tenantId, userId } = foreign;
    for (const [what, sql, values] of [
      [
        'a workspace',
        'INSERT INTO workspaces (workspace_id, organization_id, code, name) VALUES ($1, $2, $3, $3)',
        [newId(), organizationId, 'planted'],
      ],
      [
        'a tenant',
        'INSERT INTO tenants (tenant_id, workspace_id, organization_id, code, name) VALUES ($1, $2, $3, $4, $4)',
        [newId(), workspaceId, organizationId, 'planted'],
      ],
      [
        'a user',
        'INSERT INTO users (user_id, organization_id, workspace_id, tenant_id, email) VALUES ($1, $2, $3, $4, $5)',
        [newId(), organizationId, workspaceId, tenantId, 'planted@example.com'],
      ],
      [
        'a group',
        'INSERT INTO groups (group_id, organization_id, name) VALUES ($1, $2, $3)',
        [newId(), organizationId, 'planted'],
      ],
      [
        'a role',
        `INSERT INTO roles (role_id, organization_id, code, name, level) VALUES ($1, $2, 'planted', 'planted', 2)`,
        [newId(), organizationId],
      ],
      [
        'an assignment',
        `INSERT INTO role_assignments (role_assignment_id, user_id, role_id, organization_id, scope_type, scope_id)
        SELECT $1, $2, role_id, $3, 'organization', $3 FROM roles WHERE code = 'administrator'`,
        [newId(), userId, organizationId],
      ],
      ['a moved group', 'UPDATE groups SET organization_id = $1', [organizationId]],
    ] as const) {
      await standingIn(own, async () => {
        await expect(session.query(sql, [...values]), what).rejects.toThrow(/row-level security|foreign key|violates/);
      });
    }
  });

  it('keeps the neighbour’s keys to the neighbour, inside one organization, too', async () => {
    const neighbour = { ...own, tenantId: newId() };
    await standingIn(neighbour, async () => {
      expect((await session.query('SELECT 1 FROM api_keys')).rowCount).toBe(0);
    });
  });

  it('keeps a session to its owner, inside one organization, too', async () => {
    await standingIn({ ...own, administratorId: own.userId }, async () => {
      const { rows } = await session.query<{ user_id: string }>('SELECT user_id FROM sessions');
      expect(rows.filter(({ user_id }) => user_id !== own.userId)).toEqual([]);
    });
  });

  it('shows nothing at all to a session that says nothing', async () => {
    for (const { table_name: table } of await withColumn('organization_id')) {
      const { rows } = await session.query<{ row: string }>(
        `SELECT x::text AS row FROM ${table} x WHERE organization_id IS NOT NULL`,
      );
      expect(rows, table).toEqual([]);
    }
  });

  it('ends and closes nothing of another organization by the functions that look beyond the place', async () => {
    await standingIn(own, async () => {
      await session.query('SELECT app_end_sessions_in($1)', [foreign.tenantId]);
      await session.query('COMMIT');
    });
    const alive = await server.sql('SELECT 1 FROM sessions WHERE organization_id = $1 AND ended_at IS NULL', [
      foreign.organizationId,
    ]);
    expect(alive.length).toBeGreaterThan(0);
  });
});
