import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@telemetryflow/embedded';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PatientClient } from './client.js';

let dataDir: string;
let engine: EmbeddedPostgres;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'telemetryflow-client-'));
  engine = await startEmbeddedPostgres({ dataDir, logger: pino({ level: 'silent' }) });
});

afterAll(async () => {
  await engine.stop();
  await rm(dataDir, { recursive: true, force: true });
});

it('a connection that breaks while nobody waits fails the next query, not the process', async () => {
  const client = new PatientClient({ connectionString: engine.ownerUrl });
  await client.connect();
  // As BullMQ does with a borrowed client.
  client.removeAllListeners();
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  process.kill(engine.pid ?? 0, 'SIGKILL');
  // An 'error' event that nobody listens to would end this process here.
  await ended;
  await expect(client.query('SELECT 1')).rejects.toThrow('not queryable');
  await client.end();
});
