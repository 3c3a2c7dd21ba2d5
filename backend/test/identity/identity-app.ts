import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Global, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '@telemetryflow/embedded';
import pg from 'pg';
import { pino, type Logger } from 'pino';
import { CoreModule } from '../../src/modules/100-core/100-core.module.js';
import { SeedService, type SeedResult } from '../../src/modules/100-core/index.js';
import { AuthModule } from '../../src/modules/200-auth/200-auth.module.js';
import { ApiKeysModule } from '../../src/modules/300-api-keys/300-api-keys.module.js';
import { QueryBuilderModule } from '../../src/modules/1400-query-builder/1400-query-builder.module.js';
import { EmailModule } from '../../src/shared/email/email.module.js';
import { ClusterEvents, EventConsumers } from '../../src/shared/messaging/index.js';
import { DatabaseModule } from '../../src/shared/platform/database/database.module.js';
import { migratePostgres } from '../../src/shared/platform/database/index.js';
import {
  ConfigSchema,
  Context,
  type RequestContext,
  RequirePermission,
  type Runtime,
} from '../../src/shared/platform/index.js';
import { PlatformModule, RuntimeModule } from '../../src/shared/platform/platform.module.js';
import { QueueModule } from '../../src/shared/queue/queue.module.js';

/** Routes to probe the guard with. */
@Controller('probe')
export class ProbeController {
  @Get('unmarked')
  unmarked(): string {
    return 'nobody may read this';
  }

  @Get('metrics')
  @RequirePermission('metrics:read')
  metrics(@Context() { actor, organizationId, workspaceId, tenantId }: RequestContext) {
    return { actor: actor.type, organizationId, workspaceId, tenantId };
  }

  @Get('deletion')
  @RequirePermission('dashboards:delete')
  deletion(): string {
    return 'ok';
  }
}

/** Where events and mails are announced; without the relay, so that the outbox keeps what was written. */
@Global()
@Module({ providers: [ClusterEvents, EventConsumers], exports: [ClusterEvents, EventConsumers] })
class AnnouncementModule {}

@Module({
  imports: [
    PlatformModule,
    DatabaseModule,
    QueueModule,
    AnnouncementModule,
    EmailModule,
    CoreModule,
    AuthModule,
    ApiKeysModule,
    QueryBuilderModule,
  ],
  controllers: [ProbeController],
})
class IdentityApp {}

export interface TestPostgres {
  readonly ownerUrl: string;
  readonly appUrl: string;
  readonly dataDir: string;
  readonly logger: Logger;
  readonly engine: EmbeddedPostgres;
  stop(): Promise<void>;
}

/** A migrated database of its own. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tf-identity-'));
  const logger = pino({ level: 'error' });
  const engine = await startEmbeddedPostgres({ dataDir, logger });
  await migratePostgres(engine, logger);
  return {
    ownerUrl: engine.ownerUrl,
    appUrl: engine.appUrl,
    dataDir,
    logger,
    engine,
    async stop() {
      await engine.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export interface IdentityServer {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly seeded: SeedResult;
  /** Bypasses the application: the owner role in the platform scope. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** The authorization header of a seed user's session. */
  as(localPart: string): Promise<{ authorization: string }>;
  stop(): Promise<void>;
}

export interface RequestOptions {
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Shapes are asserted by the tests.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

const PASSWORDS: Record<string, string> = {
  'super.administrator': 'SuperAdmin@123456',
  'admin.telemetryflow': 'Admin@123456',
  'developer.telemetryflow': 'Developer@123456',
  'viewer.telemetryflow': 'Viewer@123456',
  'demo.telemetryflow': 'Demo@123456',
};

/** What a test runs instead of the identity modules alone. */
export interface IdentityHouse {
  readonly module: Type;
  readonly clickhouse?: Runtime['clickhouse'];
}

/** The identity modules on Fastify, listening, on an existing database. */
export async function startIdentityServer(
  postgres: TestPostgres,
  environment: Record<string, string> = { NODE_ENV: 'test' },
  house: IdentityHouse = { module: IdentityApp },
): Promise<IdentityServer> {
  const runtime: Runtime = {
    config: ConfigSchema.parse(environment),
    version: '0.0.0',
    dataDir: postgres.dataDir,
    clickhouse: house.clickhouse ?? { url: '', username: '', password: '', database: '' },
    postgres,
    engines: [],
    jwtSecret: 'a-secret-of-the-tests-with-enough-characters',
    encryptionKey: 'a-key-of-the-tests-with-enough-characters',
  };
  const root = { module: house.module, imports: [RuntimeModule.forRoot(runtime, postgres.logger)] };
  const app = await NestFactory.create<NestFastifyApplication>(root, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const seeded = await app.get(SeedService).seed();
  const owner = new pg.Client({ connectionString: postgres.ownerUrl });
  // A test that kills the database loses this connection; its next query says so.
  owner.on('error', (error) => postgres.logger.debug({ err: error }, 'the tests lost their own connection'));
  await owner.connect();
  await owner.query(`SELECT set_config('app.system_scope', 'platform', false)`);

  const request = async (
    method: string,
    path: string,
    { headers = {}, body }: RequestOptions = {},
  ): Promise<Answer> => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const contentType: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method, headers: { ...contentType, ...headers }, ...sent });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : parsed(text) };
  };
  // A login costs an Argon2 run: once per person and server.
  const signedIn = new Map<string, Promise<{ authorization: string }>>();
  const signIn = async (localPart: string) => {
    const answer = await request('POST', '/api/v2/auth/login', {
      body: { email: `${localPart}@telemetryflow.id`, password: PASSWORDS[localPart] },
    });
    if (answer.status !== 200) throw new Error(`${localPart} could not sign in: ${answer.status}`);
    return { authorization: `Bearer ${answer.body.access_token}` };
  };
  return {
    app,
    url,
    seeded,
    request,
    sql: async (text, values = []) => (await owner.query(text, values)).rows,
    as(localPart) {
      const known = signedIn.get(localPart) ?? signIn(localPart);
      signedIn.set(localPart, known);
      return known;
    },
    async stop() {
      await owner.end();
      await app.close();
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
