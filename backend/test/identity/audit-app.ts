import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type ClickHouseClient } from '@clickhouse/client';
import { Module } from '@nestjs/common';
import type { AuditEntry, AuditVerification } from '@telemetryflow/contracts';
import { startEmbeddedClickHouse, type EmbeddedClickHouse } from '@telemetryflow/embedded';
import { CoreModule } from '../../src/modules/100-core/100-core.module.js';
import { AuthModule } from '../../src/modules/200-auth/200-auth.module.js';
import { ApiKeysModule } from '../../src/modules/300-api-keys/300-api-keys.module.js';
import { AuditModule } from '../../src/modules/800-audit/800-audit.module.js';
import { ClickHouseModule } from '../../src/shared/clickhouse/clickhouse.module.js';
import { ClickHouseMigrator } from '../../src/shared/clickhouse/index.js';
import { EmailModule } from '../../src/shared/email/email.module.js';
import { MessagingModule } from '../../src/shared/messaging/messaging.module.js';
import {
  type Act,
  type ActOrigin,
  Database,
  recordAct,
  systemScope,
} from '../../src/shared/platform/database/index.js';
import { DatabaseModule } from '../../src/shared/platform/database/database.module.js';
import { newId, type RequestContext } from '../../src/shared/platform/index.js';
import { PlatformModule } from '../../src/shared/platform/platform.module.js';
import { QueueModule } from '../../src/shared/queue/queue.module.js';
import { eventually } from '../support/platform.js';
import {
  type IdentityServer,
  ProbeController,
  startIdentityServer,
  startTestPostgres,
  type TestPostgres,
} from './identity-app.js';

@Module({
  imports: [
    PlatformModule,
    DatabaseModule,
    ClickHouseModule,
    QueueModule,
    MessagingModule,
    EmailModule,
    CoreModule,
    AuthModule,
    ApiKeysModule,
    AuditModule,
  ],
  controllers: [ProbeController],
})
class AuditedApp {}

/** The identity modules with their trail, on real engines, and ways to look behind its back. */
export class AuditedServer {
  private constructor(
    readonly postgres: TestPostgres,
    readonly engine: EmbeddedClickHouse,
    readonly server: IdentityServer,
    readonly store: ClickHouseClient,
    private readonly dir: string,
  ) {}

  static async start(environment: Record<string, string> = {}): Promise<AuditedServer> {
    const dir = await mkdtemp(join(tmpdir(), 'tf-audit-'));
    const postgres = await startTestPostgres();
    const engine = await startEmbeddedClickHouse({ dataDir: dir, logger: postgres.logger });
    const { url, username, password } = engine;
    const clickhouse = { url, username, password, database: 'telemetry' };
    const server = await startIdentityServer(
      postgres,
      { NODE_ENV: 'test', ...environment },
      { module: AuditedApp, clickhouse },
    );
    await server.app.get(ClickHouseMigrator).ready;
    return new AuditedServer(postgres, engine, server, createClient(clickhouse), dir);
  }

  async stop(): Promise<void> {
    await this.store.close();
    await this.server.stop();
    await this.engine.stop();
    await this.postgres.stop();
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  get database(): Database {
    return this.server.app.get(Database);
  }

  /** An act of nobody in particular in an organization of its own, as any module records it. */
  async act(organizationId: string | null, act: Partial<Act> = {}, by: Partial<ActOrigin> = {}): Promise<void> {
    await this.database.transaction(systemScope('platform'), (manager) =>
      recordAct(
        manager,
        { requestId: newId(), ip: '192.0.2.1', userAgent: 'test', ...by },
        { action: 'test.happened', resource: { type: 'thing', id: newId(), name: 'a thing' }, organizationId, ...act },
      ),
    );
  }

  /** Acts of a new organization, stored in this order; answers the organization. */
  async trail(count: number): Promise<string> {
    const organizationId = newId();
    for (let i = 1; i <= count; i += 1) await this.act(organizationId, { details: { number: i } });
    await this.stored(organizationId, count);
    return organizationId;
  }

  /** Waits until exactly so many entries of the organization are in the store and none is on its way. */
  async stored(organizationId: string, count: number): Promise<void> {
    await eventually(`${count} entries`, async () => {
      const [waiting] = await this.server.sql<{ n: number }>('SELECT count(*)::int AS n FROM audit_pending');
      const rows = await this.rows(`organization_id = '${organizationId}'`);
      return rows.length === count && waiting?.n === 0 ? true : undefined;
    });
  }

  /** A statement of a session of its own that stands in an organization, as the application's role. */
  async inOrganization(organizationId: string, statement: string): Promise<unknown[]> {
    const context: RequestContext = {
      requestId: 'r',
      actor: { type: 'system', id: newId() },
      organizationId,
      workspaceId: newId(),
      tenantId: newId(),
      roles: [],
      permissions: new Set(),
      isPlatformAdministrator: false,
      ip: '',
      userAgent: '',
    };
    return this.database.transaction(context, (manager) => manager.query<unknown[]>(statement));
  }

  async rows(condition: string): Promise<Record<string, string | number>[]> {
    const answer = await this.store.query({
      query: `SELECT * FROM audit_logs FINAL WHERE ${condition} ORDER BY organization_id, sequence`,
      format: 'JSONEachRow',
    });
    return answer.json();
  }

  /** What somebody with access to the store could do. */
  async tamper(statement: string): Promise<void> {
    await this.store.command({ query: statement, clickhouse_settings: { mutations_sync: '2' } });
  }

  async verify(organizationId: string): Promise<AuditVerification> {
    const headers = await this.server.as('super.administrator');
    const answer = await this.server.request('GET', `/api/v2/audit/verify?organizationId=${organizationId}`, {
      headers,
    });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return answer.body as AuditVerification;
  }

  /** The newest entry that the query finds and that is the wanted one, once there is one. */
  async entry(who: string, query: string, wanted: (entry: AuditEntry) => boolean = () => true): Promise<AuditEntry> {
    const headers = await this.server.as(who);
    return eventually(`an entry of ${query}`, async () => {
      const { body } = await this.server.request('GET', `/api/v2/audit?limit=100&${query}`, { headers });
      return (body.data as AuditEntry[]).find(wanted);
    });
  }
}
