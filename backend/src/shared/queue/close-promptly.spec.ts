import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { closePromptly } from './close-promptly.js';

class SleepyWorker extends EventEmitter {
  async delay(milliseconds = 5_000): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
  }
}

it('a worker that pauses for its store wakes up to close', async () => {
  const worker = closePromptly(new SleepyWorker());
  const woken = worker.delay(3_600_000);
  worker.emit('closing');
  await woken;
  await worker.delay(3_600_000);
});

it('a pause that nothing disturbs takes its time', async () => {
  const worker = closePromptly(new SleepyWorker());
  const startedAt = performance.now();
  await worker.delay(30);
  expect(performance.now() - startedAt).toBeGreaterThan(25);
});
