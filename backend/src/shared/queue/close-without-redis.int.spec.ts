import type { Worker } from 'bullmq';
import { expect, it } from 'vitest';
import { startRedis } from '../../bootstrap/testing/processes.js';
import { redisBackend } from './backend.js';

it('a worker closes while Redis is away and its connection waits to try again', async () => {
  const redis = await startRedis();
  const worker = redisBackend(redis.url).worker('waiting', () => Promise.resolve(), {}) as Worker;
  worker.on('error', () => undefined);
  void worker.run();
  await worker.waitUntilReady();
  const client = await worker.backend.blockingConnection?.client;
  await expect.poll(() => client?.status).toBe('ready');
  await redis.stop();
  await expect.poll(() => client?.status).toBe('reconnecting');
  await worker.close();
  expect(client?.status).toBe('end');
});
