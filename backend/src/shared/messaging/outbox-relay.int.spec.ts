import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test, type TestingModule } from '@nestjs/testing';
import { EventBus } from '@nestjs/cqrs';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@telemetryflow/embedded';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendToOutbox, Database, migratePostgres, systemScope } from '../platform/database/index.js';
import { DatabaseModule } from '../platform/database/database.module.js';
import { ConfigSchema, type Runtime } from '../platform/index.js';
import { PlatformModule, RuntimeModule } from '../platform/platform.module.js';
import { EventConsumers } from './event-consumers.js';
import { ClusterEvent, PlatformEvent } from './events.js';
import { MessagingModule } from './messaging.module.js';

const logger = pino({ level: 'silent' });
let dataDir: string;
let engine: EmbeddedPostgres;
let app: TestingModule;
let database: Database;
const heard: unknown[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'telemetryflow-outbox-'));
  engine = await startEmbeddedPostgres({ dataDir, logger });
  await migratePostgres(engine, logger);
  const runtime: Runtime = {
    config: ConfigSchema.parse({ ROLES: 'worker' }),
    version: 'test',
    dataDir,
    clickhouse: { url: '', username: '', password: '', database: '' },
    postgres: { ownerUrl: engine.ownerUrl, appUrl: engine.appUrl },
    engines: [],
    jwtSecret: '',
    encryptionKey: '',
  };
  app = await Test.createTestingModule({
    imports: [RuntimeModule.forRoot(runtime, logger), PlatformModule, DatabaseModule, MessagingModule],
  }).compile();
  await app.init();
  database = app.get(Database);
  app.get(EventBus).subscribe((event) => heard.push(event));
});

afterAll(async () => {
  await app.close();
  await engine.stop();
  await rm(dataDir, { recursive: true, force: true });
});

async function tell(type: string, fails = false): Promise<void> {
  await database.transaction(systemScope('platform'), async (manager) => {
    await appendToOutbox(manager, { type, aggregateId: null, organizationId: null, payload: { n: 1 } });
    if (fails) throw new Error('rolled back');
  });
}

async function outbox(type: string) {
  return database.transaction(systemScope('outbox'), (manager) =>
    manager.query<{ published_at: Date | null; attempts: number; processed_by: string[] }[]>(
      'SELECT published_at, attempts, processed_by FROM outbox WHERE type = $1',
      [type],
    ),
  );
}

const typesHeard = () => heard.filter((event) => event instanceof PlatformEvent).map(({ type }) => type);

describe('the outbox relay', () => {
  it('publishes what was committed, soon, here and to the cluster; and nothing else', async () => {
    await expect(tell('user.imagined', true)).rejects.toThrow('rolled back');
    const startedAt = performance.now();
    await tell('user.created');
    await expect.poll(typesHeard, { interval: 10 }).toEqual(['user.created']);
    // Woken by the commit, not by the two-second turn.
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(heard.filter((event) => event instanceof ClusterEvent)).toHaveLength(1);
    await expect.poll(() => outbox('user.created')).toMatchObject([{ published_at: expect.any(Date), attempts: 0 }]);
  });

  it('calls a consumer again until it takes the event, and the others once', async () => {
    const calls: string[] = [];
    let refusals = 2;
    const consumers = app.get(EventConsumers);
    consumers.register({
      name: 'steady',
      type: 'role.*',
      handle: async ({ type }) => void calls.push(`steady ${type}`),
    });
    consumers.register({
      name: 'flaky',
      type: 'role.changed',
      handle: async () => {
        calls.push('flaky');
        if (refusals-- > 0) throw new Error('not now');
      },
    });
    await tell('role.changed');
    await expect
      .poll(() => outbox('role.changed'), { timeout: 15_000 })
      .toMatchObject([
        {
          published_at: expect.any(Date),
          attempts: 2,
          processed_by: expect.arrayContaining(['steady', 'flaky', '@bus']),
        },
      ]);
    expect(calls).toEqual(['steady role.changed', 'flaky', 'flaky', 'flaky']);
    expect(typesHeard().filter((type) => type === 'role.changed')).toHaveLength(1);
  });
});
