import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SeedService } from '../../src/modules/100-core/index.js';
import { Database, migratePostgres, systemScope } from '../../src/shared/platform/database/index.js';
import { newId, type RequestContext } from '../../src/shared/platform/index.js';
import { startIdentityServer, startTestPostgres, type IdentityServer, type TestPostgres } from './identity-app.js';

let postgres: TestPostgres;
let server: IdentityServer;
let database: Database;
let inDefault: RequestContext;
let inDemo: RequestContext;

beforeAll(async () => {
  postgres = await startTestPostgres();
  server = await startIdentityServer(postgres);
  database = server.app.get(Database);
  const base = {
    requestId: 'r',
    actor: { type: 'system', id: newId() },
    roles: [],
    permissions: new Set<string>(),
    isPlatformAdministrator: false,
    ip: '',
    userAgent: '',
  } as const;
  inDefault = { ...base, ...server.seeded.places.default };
  inDemo = { ...base, ...server.seeded.places.demo };
});
afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
});

const PROTECTED = [
  'organizations',
  'workspaces',
  'tenants',
  'users',
  'role_assignments',
  'sessions',
  'refresh_tokens',
  'api_keys',
  'outbox',
];

function count(scope: Parameters<Database['transaction']>[0], table: string): Promise<number> {
  return database.transaction(scope, async (manager) => {
    const [row] = await manager.query<{ n: number }[]>(`SELECT count(*)::int AS n FROM ${table}`);
    return row!.n;
  });
}

describe('row-level security', () => {
  it('is on, and forced, for every table but the migrations', async () => {
    const tables = await server.sql<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
       AND NOT (relrowsecurity AND relforcerowsecurity)`,
    );
    expect(tables.map(({ relname }) => relname)).toEqual(['schema_migrations']);
  });

  it('shows a connection that names no place nothing', async () => {
    const app = new pg.Client({ connectionString: postgres.appUrl });
    await app.connect();
    try {
      for (const table of PROTECTED) {
        expect((await app.query(`SELECT * FROM ${table}`)).rowCount, table).toBe(0);
      }
    } finally {
      await app.end();
    }
  });

  it('shows only the own organization to a query without any condition', async () => {
    for (const [context, place] of [
      [inDefault, server.seeded.places.default],
      [inDemo, server.seeded.places.demo],
    ] as const) {
      for (const table of ['organizations', 'workspaces', 'tenants', 'users']) {
        const rows = await database.transaction(context, (manager) =>
          manager.query<{ organization_id: string }[]>(`SELECT organization_id FROM ${table}`),
        );
        expect(rows.length, table).toBeGreaterThan(0);
        expect(new Set(rows.map((row) => row.organization_id)), table).toEqual(new Set([place.organizationId]));
      }
    }
  });

  it('refuses to write into another organization, and changes no foreign row', async () => {
    const foreign = server.seeded.places.demo;
    const moved = database.transaction(inDefault, (manager) =>
      manager.query('UPDATE tenants SET name = $1 WHERE tenant_id = $2', ['stolen', foreign.tenantId]),
    );
    expect(await moved).toEqual([[], 0]);
    const planted = database.transaction(inDefault, (manager) =>
      manager.query('INSERT INTO workspaces (workspace_id, organization_id, code, name) VALUES ($1, $2, $3, $3)', [
        newId(),
        foreign.organizationId,
        'planted',
      ]),
    );
    await expect(planted).rejects.toThrow(/row-level security/);
  });

  it('opens to a system scope only the tables of its purpose', async () => {
    expect(await count(systemScope('authentication'), 'users')).toBeGreaterThan(0);
    expect(await count(systemScope('authentication'), 'api_keys')).toBe(0);
    expect(await count(systemScope('api-keys'), 'users')).toBe(0);
    expect(await count(systemScope('outbox'), 'users')).toBe(0);
    expect(await count(inDefault, 'outbox')).toBe(0);
  });

  it('does not let the place leak into the next transaction of a pooled connection', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => count(i % 2 ? inDefault : systemScope('platform'), 'users')),
    );
    const nowhere = { ...inDefault, organizationId: newId(), workspaceId: newId(), tenantId: newId() };
    expect(await count(nowhere, 'users')).toBe(0);
  });

  it('may not be switched off by the application role', async () => {
    const app = new pg.Client({ connectionString: postgres.appUrl });
    await app.connect();
    try {
      await expect(app.query('ALTER TABLE users DISABLE ROW LEVEL SECURITY')).rejects.toThrow(/owner/);
      await expect(app.query(`SELECT app_protect('users', 'tenant')`)).rejects.toThrow(/permission denied/);
      await expect(app.query(`UPDATE schema_migrations SET checksum = ''`)).rejects.toThrow(/permission denied/);
    } finally {
      await app.end();
    }
  });
});

describe('migrations', () => {
  it('run once, also when two nodes start together', async () => {
    const before = await server.sql('SELECT name, applied_at FROM schema_migrations ORDER BY name');
    await Promise.all([migratePostgres(postgres, postgres.logger), migratePostgres(postgres, postgres.logger)]);
    expect(await server.sql('SELECT name, applied_at FROM schema_migrations ORDER BY name')).toEqual(before);
    expect(before.length).toBeGreaterThanOrEqual(6);
  });

  it('refuse to go on when an applied file was changed', async () => {
    const [first] = await server.sql<{ name: string; checksum: string }>(
      'SELECT * FROM schema_migrations ORDER BY name LIMIT 1',
    );
    await server.sql(`UPDATE schema_migrations SET checksum = 'other' WHERE name = $1`, [first!.name]);
    await expect(migratePostgres(postgres, postgres.logger)).rejects.toThrow(`migration ${first!.name} was changed`);
    await server.sql('UPDATE schema_migrations SET checksum = $2 WHERE name = $1', [first!.name, first!.checksum]);
  });
});

describe('seeding', () => {
  it('is idempotent, also when two nodes seed together', async () => {
    const seeds = server.app.get(SeedService);
    const before = await count(systemScope('platform'), 'users');
    const [first, second] = await Promise.all([seeds.seed(), seeds.seed()]);
    expect(first.places).toEqual(server.seeded.places);
    expect(second.places).toEqual(server.seeded.places);
    expect(await count(systemScope('platform'), 'users')).toBe(before);
  });
});
