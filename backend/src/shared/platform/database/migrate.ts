import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { Logger } from 'pino';
import { PatientClient } from './client.js';

/** The same number of levels below `backend` from `src` and from `dist`. */
const MIGRATIONS = join(import.meta.dirname, '../../../../migrations/postgres');
/** Any constant will do: it only has to be the same in every node that migrates. */
const MIGRATION_LOCK = 7_305_518_204;

export interface PostgresAddresses {
  /** Owns the schema and migrates it. */
  readonly ownerUrl: string;
  /** The application role: is granted reading and writing rows, nothing else. */
  readonly appUrl: string;
}

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Applies the numbered files of `backend/migrations/postgres` that have not run yet, each in its transaction, then
 * grants the application role its rights. Nodes that start together wait for each other. Throws when an applied file
 * has changed since.
 */
export async function migratePostgres(addresses: PostgresAddresses, logger: Logger): Promise<void> {
  const client = new PatientClient({
    connectionString: addresses.ownerUrl,
    application_name: 'telemetryflow-migrations',
  });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
      name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`);
    const applied = await appliedChecksums(client);
    for (const migration of await readMigrations()) {
      const checksum = applied.get(migration.name);
      if (checksum === undefined) await apply(client, migration, logger);
      else if (checksum !== migration.checksum) {
        throw new Error(`migration ${migration.name} was changed after it was applied; add a new one instead`);
      }
    }
    await grantRights(client, new URL(addresses.appUrl).username);
  } finally {
    // Closing the connection gives the advisory lock back.
    await client.end();
  }
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(MIGRATIONS)).filter((name) => /^\d{4}-.+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(MIGRATIONS, name), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function appliedChecksums(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM schema_migrations',
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

async function apply(client: pg.Client, migration: Migration, logger: Logger): Promise<void> {
  const startedAt = performance.now();
  await client.query('BEGIN');
  try {
    // The owner is bound by the policies too (FORCE ROW LEVEL SECURITY).
    await client.query(`SELECT set_config('app.system_scope', 'platform', true)`);
    await client.query(migration.sql);
    await client.query('INSERT INTO schema_migrations (name, checksum) VALUES ($1, $2)', [
      migration.name,
      migration.checksum,
    ]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`migration ${migration.name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const durationMs = Math.round(performance.now() - startedAt);
  logger.info({ migration: migration.name, durationMs }, 'applied a metadata migration');
}

async function grantRights(client: pg.Client, encodedRole: string): Promise<void> {
  const role = client.escapeIdentifier(decodeURIComponent(encodedRole));
  await client.query(`
    GRANT USAGE ON SCHEMA public TO ${role};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role};
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ${role};
    REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM ${role};`);
}
