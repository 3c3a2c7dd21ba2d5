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
