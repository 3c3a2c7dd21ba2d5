import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import type { Logger } from 'pino';
import {
  DataSource,
  type EntityManager,
  type QueryRunner,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import { UnavailableError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import { registeredEntities } from './entity-registry.js';
import { SnakeCaseNaming } from './naming.js';
import { PreparingClient } from './preparing-client.js';
import { type SystemScope, scopeSettings } from './scope.js';

const POOL_SIZE = 20;
const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * The metadata database as the application role: not an owner, bound by row-level security. There is no way to query
 * outside {@link transaction}, so no query without a scope.
 */
@Injectable()
export class Database implements OnApplicationShutdown {
  private constructor(
    private readonly source: DataSource,
    private readonly logger: Logger,
  ) {}

  /**
   * Connects with the mappings that modules have registered. `prepare` is for servers that keep prepared statements; some
   * poolers between do not.
   *
   * @throws Error when the role is one that row-level security would not bind
   */
  static async connect(appUrl: string, logger: Logger, { prepare = true } = {}): Promise<Database> {
    const source = new DataSource({
      type: 'postgres',
      url: appUrl,
      entities: registeredEntities(),
      entitySkipConstructor: true,
      namingStrategy: new SnakeCaseNaming(),
      poolSize: POOL_SIZE,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      extra: {
        application_name: 'telemetryflow',
        statement_timeout: STATEMENT_TIMEOUT_MS,
        ...(prepare && { Client: PreparingClient }),
      },
      // While the pool is closing, a server that stops at the same time is no news.
      poolErrorHandler: (error: Error) =>
        source.isInitialized && logger.warn({ err: error }, 'an idle database connection was lost'),
    });
    await source.initialize();
    await refuseUnboundRole(source);
    return new Database(source, logger);
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }

  /**
   * Runs `work` in one transaction that sees what `scope` may see: the caller's place, or what a named system purpose
   * opens. Rolls back when `work` throws. Throws `UnavailableError` when the database can't be reached.
   */
  async transaction<T>(scope: RequestContext | SystemScope, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const begin = beginStatement(scope);
    try {
      return await this.#run(begin, work);
    } catch (error) {
      if (isConnectionFailure(error)) {
        this.logger.warn({ err: error }, 'the metadata database is away');
        throw new UnavailableError('The metadata database is not reachable');
      }
      throw error;
    }
  }

  async #run<T>(begin: string, work: (manager: EntityManager) => Promise<T>): Promise<T> {
    const runner = this.source.createQueryRunner();
    try {
      await runner.connect();
      await runner.query(begin);
      // TypeORM would spend a round trip on BEGIN alone. It is told that the transaction runs: what it does inside begins
      // none of its own, and nests by savepoints.
      Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
      const result = await work(runner.manager);
      await runner.commitTransaction();
      return result;
    } catch (error) {
      await rollBack(runner);
      throw error;
    } finally {
      await runner.release();
    }
  }

  /** Milliseconds of one round trip; throws when the database is away. */
  async ping(): Promise<number> {
    const startedAt = performance.now();
    await this.source.query('SELECT 1');
    return performance.now() - startedAt;
  }
}

/** One round trip: the transaction begins under what the scope may see. */
function beginStatement(scope: RequestContext | SystemScope): string {
  const calls = Object.entries(scopeSettings(scope)).map(
    ([name, value]) => `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`,
  );
  return `BEGIN; SELECT ${calls.join(', ')}`;
}

/** The error that made it necessary matters, not a second one of a connection that is gone. */
async function rollBack(runner: QueryRunner): Promise<void> {
  if (!runner.isTransactionActive || runner.isReleased) return;
  await runner.rollbackTransaction().catch(() => undefined);
}

async function refuseUnboundRole(source: DataSource): Promise<void> {
  const [role] = await source.query<{ unbound: boolean }[]>(
    'SELECT rolsuper OR rolbypassrls AS unbound FROM pg_roles WHERE rolname = current_user',
  );
  if (role && !role.unbound) return;
  await source.destroy();
  throw new Error(
    'DATABASE_APP_URL names a role that bypasses row-level security; give it a role with NOSUPERUSER NOBYPASSRLS',
  );
}

/**
 * Socket errors, the SQLSTATE classes of a server that is going or gone (08, 57P0x, too many connections), and what
 * TypeORM says of a transaction whose connection was lost between two statements.
 */
function isConnectionFailure(error: unknown): boolean {
  if (error instanceof QueryRunnerAlreadyReleasedError) return true;
  if (error instanceof QueryRunnerProviderAlreadyReleasedError) return true;
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|08|57P0[123]|53300)/.test(code) ||
    /Connection terminated|Connection ended|timeout exceeded when trying to connect|not queryable/.test(error.message)
  );
}
