/** Work between two looks at the clock. */
export const PIECE = 1_024;
const BUDGET_MS = 10;

/** Work that pauses now and then (at least after every {@link PIECE} of its smallest steps) and ends with its result. */
export type Pieces<T> = Generator<void, T, void>;

/** All of it at once. */
export function runNow<T>(pieces: Pieces<T>): T {
  for (;;) {
    const { done, value } = pieces.next();
    if (done === true) return value;
  }
}

/**
 * In turns of a few milliseconds, so that the page answers in between.
 *
 * @returns undefined when `signal` was aborted meanwhile
 */
export async function runInTurns<T>(pieces: Pieces<T>, signal: AbortSignal): Promise<T | undefined> {
  for (;;) {
    const until = performance.now() + BUDGET_MS;
    do {
      const { done, value } = pieces.next();
      if (done === true) return value;
    } while (performance.now() < until);
    await nextTurn();
    if (signal.aborted) return undefined;
  }
}

/** A timer would wait four milliseconds each time. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.addEventListener('message', () => {
      port1.close();
      resolve();
    });
    port1.start();
    port2.postMessage(null);
  });
}
