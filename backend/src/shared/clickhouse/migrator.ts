import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ClickHouseClient } from '@clickhouse/client';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER, RUNTIME, type Runtime } from '../platform/index.js';
import { connect } from './clickhouse.service.js';
import { isTransient } from './errors.js';
import { renderTemplate, splitStatements } from './sql-script.js';

const MIGRATIONS = fileURLToPath(new URL('../../../migrations/clickhouse/', import.meta.url));
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/** A migration that has run was edited afterwards. */
export class ChangedMigrationError extends Error {
  constructor(name: string) {
    super(`The migration ${name} was changed after it had run; restore it and put the change into a new file`);
    this.name = 'ChangedMigrationError';
  }
}

interface Migration {
  readonly name: string;
  readonly script: string;
  readonly checksum: string;
}

/**
 * Brings the telemetry tables up to date in the background: the platform starts while the store is away, and the tables
 * come when the store does.
 */
@Injectable()
export class ClickHouseMigrator implements OnModuleInit, OnModuleDestroy {
  /** Resolves once every migration has run; rejects when one is faulty or the application stops before. */
  readonly ready: Promise<void>;
  readonly #settle: { resolve: () => void; reject: (reason: unknown) => void };
  readonly #stop = new AbortController();

  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#settle = { resolve, reject };
    // Whoever awaits `ready` gets the rejection; nobody awaiting it must not end the process.
    promise.catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.logger.error({ err: error }, 'the telemetry tables could not be migrated');
    });
  }

  onModuleInit(): void {
    void this.#untilMigrated().then(this.#settle.resolve, this.#settle.reject);
  }

  onModuleDestroy(): void {
    this.#stop.abort();
  }

  async #untilMigrated(): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      try {
        await migrateClickHouse(this.runtime, this.logger);
        return;
      } catch (error) {
        if (error instanceof ChangedMigrationError || !isTransient(error)) throw error;
        this.logger.warn(
          { err: error, retryMs },
          'the telemetry store is away; its tables are migrated when it is back',
        );
        await delay(retryMs, undefined, { signal: this.#stop.signal });
      }
    }
  }
}

/**
 * Creates the database and runs what has not run yet, in the order of the file names. Statements are idempotent, so a
 * migration cut short runs again.
 *
 * @param directory default: the platform's own migrations
 * @throws ChangedMigrationError
 */
export async function migrateClickHouse(
  runtime: Pick<Runtime, 'clickhouse' | 'config'>,
  logger: Pick<Logger, 'info'>,
  directory = MIGRATIONS,
): Promise<void> {
  const cluster = runtime.config.CLICKHOUSE_CLUSTER;
  const render = (sql: string) => renderTemplate(sql, cluster);
  await using(connect(runtime), async (client) => {
    await client.command({
      query: render(`CREATE DATABASE IF NOT EXISTS \`${runtime.clickhouse.database}\` {{on_cluster}}`),
    });
  });
  await using(connect(runtime, runtime.clickhouse.database), async (client) => {
    await client.command({ query: render(MIGRATIONS_LOG) });
    const applied = await appliedMigrations(client);
    for (const migration of await readMigrations(directory)) {
      const checksum = applied.get(migration.name);
      if (checksum === migration.checksum) continue;
      if (checksum !== undefined) throw new ChangedMigrationError(migration.name);
      for (const statement of splitStatements(render(migration.script))) await client.command({ query: statement });
      await client.insert({
        table: 'migrations_log',
        values: [{ name: migration.name, checksum: migration.checksum }],
        format: 'JSONEachRow',
      });
      logger.info({ migration: migration.name }, 'migrated the telemetry store');
    }
  });
}

const MIGRATIONS_LOG = `
  CREATE TABLE IF NOT EXISTS migrations_log {{on_cluster}}
  (name String, checksum String, applied_at DateTime64(3, 'UTC') DEFAULT now64(3))
  ENGINE = {{engine:MergeTree}} ORDER BY name`;

async function appliedMigrations(client: ClickHouseClient): Promise<Map<string, string>> {
  const result = await client.query({ query: 'SELECT name, checksum FROM migrations_log', format: 'JSONEachRow' });
  const rows = await result.json<{ name: string; checksum: string }>();
  return new Map(rows.map(({ name, checksum }) => [name, checksum]));
}

async function readMigrations(directory: string): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const script = await readFile(join(directory, name), 'utf8');
      return { name, script, checksum: createHash('sha256').update(script).digest('hex') };
    }),
  );
}

async function using(client: ClickHouseClient, work: (client: ClickHouseClient) => Promise<void>): Promise<void> {
  try {
    await work(client);
  } finally {
    await client.close();
  }
}
