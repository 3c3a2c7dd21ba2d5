import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Global, Module } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ROLE_PERMISSIONS } from '@telemetryflow/contracts';
import { startEmbeddedPostgres } from '@telemetryflow/embedded';
import { pino } from 'pino';
import { CacheModule } from '../../../../shared/cache/cache.module.js';
import { ClickHouseModule } from '../../../../shared/clickhouse/clickhouse.module.js';
import { EventConsumers } from '../../../../shared/messaging/index.js';
import { DatabaseModule } from '../../../../shared/platform/database/database.module.js';
import { migratePostgres } from '../../../../shared/platform/database/index.js';
import type { AuthenticatedRequest, RequestContext } from '../../../../shared/platform/index.js';
import { PlatformModule, RuntimeModule } from '../../../../shared/platform/platform.module.js';
import { TelemetryModule } from '../../telemetry.module.js';
import { TENANT } from './rows.js';
import type { TelemetryEngine } from './telemetry-engine.js';

/** Where events are announced; nobody relays them here. */
@Global()
@Module({ providers: [EventConsumers], exports: [EventConsumers] })
class AnnouncementModule {}

const context: RequestContext = {
  requestId: 'r',
  actor: { type: 'user', id: 'u', email: 'a@b.c', sessionId: 's' },
  organizationId: TENANT,
  workspaceId: TENANT,
  tenantId: TENANT,
  roles: ['viewer'],
  permissions: new Set(ROLE_PERMISSIONS.viewer),
  isPlatformAdministrator: false,
  ip: '127.0.0.1',
  userAgent: 'test',
};

/**
 * The telemetry routes over the engine, called by a viewer: with the header `x-permissions` by somebody who holds only
 * those, with `x-anonymous` by nobody. Who starts it closes it, and with it the database of its own.
 */
export async function startTelemetryApp(engine: TelemetryEngine): Promise<NestFastifyApplication> {
  const logger = pino({ level: 'silent' });
  const dataDir = await mkdtemp(join(tmpdir(), 'tf-telemetry-app-'));
  const postgres = await startEmbeddedPostgres({ dataDir, logger });
  await migratePostgres(postgres, logger);
  const { ownerUrl, appUrl } = postgres;
  const runtime = RuntimeModule.forRoot({ ...engine.runtime, postgres: { ownerUrl, appUrl } }, logger);
  const module = await Test.createTestingModule({
    imports: [
      runtime,
      PlatformModule,
      DatabaseModule,
      ClickHouseModule,
      CacheModule,
      AnnouncementModule,
      TelemetryModule,
    ],
  }).compile();
  const adapter = new FastifyAdapter();
  const app = module.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
  adapter.getInstance().addHook('onClose', async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  });
  // The guard's part: who calls.
  adapter.getInstance().addHook('preHandler', async (incoming) => {
    if (incoming.headers['x-anonymous'] !== undefined) return;
    const held = incoming.headers['x-permissions'];
    const permissions = held === undefined ? context.permissions : new Set(String(held).split(','));
    (incoming as AuthenticatedRequest).requestContext = { ...context, permissions };
  });
  await app.init();
  await adapter.getInstance().ready();
  return app;
}
