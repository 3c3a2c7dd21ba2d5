import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@telemetryflow/embedded';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migratePostgres } from './migrate.js';
import { Database } from './database.js';
import { systemScope } from './scope.js';

const logger = pino({ level: 'silent' });
let dataDir: string;
let engine: EmbeddedPostgres;
let database: Database;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'telemetryflow-prepared-'));
  engine = await startEmbeddedPostgres({ dataDir, logger });
  await migratePostgres(engine, logger);
  database = await Database.connect(engine.appUrl, logger);
});

afterAll(async () => {
  await database?.onApplicationShutdown();
  await engine?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

/** What the connection of this transaction has prepared. */
const PREPARED = 'SELECT statement, generic_plans + custom_plans AS runs FROM pg_prepared_statements';

describe('statements', () => {
  it('are prepared once per connection when they have parameters, and see the scope of their own transaction', async () => {
    const statement = 'SELECT count(*)::int AS seen FROM organizations WHERE length(code) > $1';
    const seenBy = (purpose: 'platform' | 'ingest') =>
      database.transaction(systemScope(purpose), async (manager) => {
        const [row] = await manager.query<{ seen: number }[]>(statement, [0]);
        return row?.seen;
      });
    await database.transaction(systemScope('platform'), async (manager) => {
      await manager.query(`INSERT INTO regions (region_id, code, name) VALUES (gen_random_uuid(), 'here', 'Here')`);
      await manager.query(
        `INSERT INTO organizations (organization_id, region_id, code, name)
         SELECT gen_random_uuid(), region_id, $1, $1 FROM regions`,
        ['one'],
      );
    });
    for (let round = 0; round < 8; round += 1) {
      expect(await seenBy('platform')).toBe(1);
      // The same prepared statement; row-level security is asked anew.
      expect(await seenBy('ingest')).toBe(0);
    }
    const kept = await database.transaction(systemScope('platform'), (manager) =>
      manager.query<{ statement: string; runs: string }[]>(PREPARED),
    );
    expect(kept.find((row) => row.statement === statement)).toMatchObject({ runs: '16' });
    expect(kept.filter((row) => row.statement.startsWith('BEGIN') || row.statement === PREPARED)).toEqual([]);
  });

  it('nest by savepoints, and are rolled back as a whole', async () => {
    const codes = () =>
      database.transaction(systemScope('platform'), async (manager) =>
        (await manager.query<{ code: string }[]>('SELECT code FROM regions ORDER BY code')).map(({ code }) => code),
      );
    const insert = `INSERT INTO regions (region_id, code, name) VALUES (gen_random_uuid(), $1, $1)`;
    await database.transaction(systemScope('platform'), async (manager) => {
      await manager.query(insert, ['outer']);
      const inner = manager.transaction(async (nested) => {
        await nested.query(insert, ['inner']);
        throw new Error('only the inner part');
      });
      await expect(inner).rejects.toThrow('only the inner part');
    });
    expect(await codes()).toEqual(['here', 'outer']);
    const failing = database.transaction(systemScope('platform'), async (manager) => {
      await manager.query(insert, ['gone']);
      throw new Error('all of it');
    });
    await expect(failing).rejects.toThrow('all of it');
    expect(await codes()).toEqual(['here', 'outer']);
  });
});
