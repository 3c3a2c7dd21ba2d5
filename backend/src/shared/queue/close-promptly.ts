import type { Worker } from 'bullmq';

interface PausingWorker {
  delay: Worker['delay'];
  once(event: 'closing', listener: () => void): unknown;
}

/**
 * Ends a worker's pauses when it closes. BullMQ's workers sleep on after their store was away, up to five seconds a time,
 * and their `close` waits for that.
 */
export function closePromptly<W extends PausingWorker>(worker: W): W {
  const closing = new Promise<void>((resolve) => worker.once('closing', resolve));
  const pause = worker.delay.bind(worker);
  worker.delay = (milliseconds, abortController) => Promise.race([pause(milliseconds, abortController), closing]);
  return worker;
}

/**
 * Lets a worker close while Redis is away. Its `close` waits for the end of the blocking connection, and ioredis never tells of
 * the end of one that waits to try again; one that tries does end.
 */
export function closeWithoutRedis(worker: Worker): Worker {
  worker.once('closing', () => void endWaiting(worker));
  return worker;
}

async function endWaiting({ backend }: Worker): Promise<void> {
  try {
    const client = await backend.blockingConnection?.client;
    if (client?.status === 'reconnecting') await client.connect();
  } catch {
    // It is given up while it tries.
  }
}
