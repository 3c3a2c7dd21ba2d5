/** Mutated payloads against the transcoder: no crash, no hang, no growth, and nothing but rows comes out. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { FuzzProgress } from './support/fuzz-child.ts';
import { SEED } from './support/random.ts';
import { SEEDED, report, say, size } from './support/scale.ts';

const PAYLOADS = size(50_000, 1_000_000);
/** For 250 payloads of at most 256 KiB, on a machine that is busy with other tests. */
const SILENCE_MS = 20_000;
const MiB = 2 ** 20;

const file = (name: string) => fileURLToPath(new URL(`./support/${name}`, import.meta.url));

/** Runs the child under a watchdog; resolves with its messages. */
function fuzz(seed: number, payloads: number): Promise<FuzzProgress[]> {
  const child = fork(file('fuzz-child.ts'), [String(seed), String(payloads)], {
    execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning', '--import', file('source-hook.mjs')],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    const messages: FuzzProgress[] = [];
    const silent = () => {
      child.kill('SIGKILL');
      const from = messages.at(-1)?.done ?? 0;
      reject(new Error(`no answer for ${SILENCE_MS} ms after payload ${from} of seed ${seed}`));
    };
    let watchdog = setTimeout(silent, SILENCE_MS);
    child.on('message', (message: FuzzProgress) => {
      clearTimeout(watchdog);
      watchdog = setTimeout(silent, SILENCE_MS);
      messages.push(message);
      if (message.done % 100_000 === 0)
        say(`${message.done} payloads, ${message.accepted} accepted, ${message.refused} refused`);
    });
    child.once('exit', (code, signal) => {
      clearTimeout(watchdog);
      if (code === 0) resolve(messages);
      else
        reject(
          new Error(
            `the child ended with ${signal ?? code} after payload ${messages.at(-1)?.done ?? 0} of seed ${seed}`,
          ),
        );
    });
  });
}

it(
  `survives ${PAYLOADS} mutated payloads (${SEEDED})`,
  async () => {
    const started = performance.now();
    const messages = await fuzz(SEED, PAYLOADS);
    const last = messages.at(-1)!;
    expect(last.failure).toBeUndefined();
    expect(last.done).toBe(PAYLOADS);
    // A fuzz test that only ever reaches the first check proves nothing; neither does one that changes nothing.
    expect(last.accepted).toBeGreaterThan(PAYLOADS / 20);
    expect(last.refused).toBeGreaterThan(PAYLOADS / 20);
    expect(last.rows).toBeGreaterThan(PAYLOADS / 5);
    const [before, after] = messages
      .filter((message) => message.memory !== undefined)
      .map((message) => message.memory!);
    expect(after!.heapBytes - before!.heapBytes).toBeLessThan(8 * MiB);
    expect(after!.bufferBytes - before!.bufferBytes).toBeLessThan(16 * MiB);
    report('mutated payloads against the transcoder', {
      detail: `${PAYLOADS} payloads, ${last.accepted} accepted with ${last.rows} rows, ${last.refused} refused; heap ${growth(before!.heapBytes, after!.heapBytes)}, buffers ${growth(before!.bufferBytes, after!.bufferBytes)}`,
      seconds: Math.round((performance.now() - started) / 1000),
    });
  },
  size(120_000, 1_200_000),
);

function growth(before: number, after: number): string {
  return `${after >= before ? '+' : ''}${((after - before) / MiB).toFixed(1)} MiB`;
}
