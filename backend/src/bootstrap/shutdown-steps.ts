import type { Logger } from 'pino';

interface Step {
  readonly name: string;
  run(): Promise<void> | void;
}

/** The platform was told to stop while it was starting. */
export class StoppedWhileStartingError extends Error {
  constructor() {
    super('The platform was stopped while it was starting');
    this.name = 'StoppedWhileStartingError';
  }
}

/** What has to be undone, in the reverse of the order in which it was done. */
export class ShutdownSteps {
  readonly #steps: Step[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  /** Whether nothing more may be started. */
  get closed(): boolean {
    return this.#closed;
  }

  /** From now on what has just been started is undone at once, and the start ends. */
  close(): void {
    this.#closed = true;
  }

  /** @throws StoppedWhileStartingError after undoing this step, if nothing more may be started */
  async add(name: string, run: Step['run']): Promise<void> {
    if (!this.#closed) {
      this.#steps.push({ name, run });
      return;
    }
    await run();
    throw new StoppedWhileStartingError();
  }

  /** Undoes everything, once. A step that fails is logged and does not keep the others from running. */
  stop(logger: Logger): Promise<void> {
    this.#closed = true;
    this.#running ??= this.#runAll(logger);
    return this.#running;
  }

  async #runAll(logger: Logger): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      const startedAt = performance.now();
      try {
        await step.run();
        logger.debug({ step: step.name, durationMs: Math.round(performance.now() - startedAt) }, 'stopped');
      } catch (error) {
        logger.error({ err: error, step: step.name }, 'a part of the platform did not stop in order');
      }
    }
  }
}
