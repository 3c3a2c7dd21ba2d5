import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import {
  DataSource,
  type EntityManager,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
} from 'typeorm';
import { UnavailableError } from '../errors.js';
import type { RequestContext } from '../request-context.js';
import { registeredEntities } from './entity-registry.js';
import { SnakeCaseNaming } from './naming.js';
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
   * Connects with the mappings that modules have registered.
   *
   * @throws Error when the role is one that row-level security would not bind
   */
  static async connect(appUrl: string, logger: Logger): Promise<Database> {
    const source = new DataSource({
      type: 'postgres',
      url: appUrl,
      entities: registeredEntities(),
      entitySkipConstructor: true,
      namingStrategy: new SnakeCaseNaming(),
      poolSize: POOL_SIZE,
      connectTimeoutMS: CONNECT_TIMEOUT_MS,
      extra: { application_name: 'telemetryflow', statement_timeout: STATEMENT_TIMEOUT_MS },
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
    const settings = Object.entries(scopeSettings(scope));
    const calls = settings.map((_, i) => `set_config($${2 * i + 1}, $${2 * i + 2}, true)`).join(', ');
    try {
      return await this.source.transaction(async (manager) => {
        await manager.query(`SELECT ${calls}`, settings.flat());
        return work(manager);
      });
    } catch (error) {
      if (isConnectionFailure(error)) {
        this.logger.warn({ err: error }, 'the metadata database is away');
        throw new UnavailableError('The metadata database is not reachable');
      }
      throw error;
    }
  }

  /** Milliseconds of one round trip; throws when the database is away. */
  async ping(): Promise<number> {
    const startedAt = performance.now();
    await this.source.query('SELECT 1');
    return performance.now() - startedAt;
  }
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
