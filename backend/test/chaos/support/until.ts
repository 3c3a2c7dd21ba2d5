/** Waits until a condition holds; the error carries what the condition threw last. */
export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 20_000,
  everyMs = 25,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`${what} did not come about within ${timeoutMs} ms`, { cause: last });
    await pause(everyMs);
  }
}

/** Lets time pass where time itself is the test: the moment of a kill, the length of an outage. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, ms));
  });
}
