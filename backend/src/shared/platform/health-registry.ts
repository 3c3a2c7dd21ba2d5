import type { DependencyHealth } from '@telemetryflow/contracts';

/** One dependency's check. `critical` ones decide whether the node is ready. */
export interface HealthCheck {
  readonly name: string;
  readonly critical: boolean;
  /** Throws when the dependency does not answer; the message is shown to operators. */
  check(): Promise<HealthDetail | void>;
}

export interface HealthDetail {
  readonly status?: DependencyHealth['status'];
  readonly detail?: string;
}

interface HealthReport {
  readonly dependencies: Record<string, DependencyHealth>;
  /** Something that the node can't do without is away. */
  readonly criticalDown: boolean;
}

const CHECK_TIMEOUT_MS = 2_000;

/** Where modules say what they depend on. */
export class HealthRegistry {
  readonly #checks = new Map<string, HealthCheck>();
  #running: Promise<HealthReport> | undefined;

  register(check: HealthCheck): void {
    this.#checks.set(check.name, check);
  }

  /**
   * Runs every check at once; none takes longer than two seconds. Who asks meanwhile shares the answer: anyone may ask, and
   * a flood of questions must not become a flood of queries.
   */
  run(): Promise<HealthReport> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #runAll(): Promise<HealthReport> {
    const results = await Promise.all(
      [...this.#checks.values()].map(async (check) => ({ check, health: await measure(check) })),
    );
    return {
      dependencies: Object.fromEntries(results.map(({ check, health }) => [check.name, health])),
      criticalDown: results.some(({ check, health }) => check.critical && health.status === 'down'),
    };
  }
}

async function measure(check: HealthCheck): Promise<DependencyHealth> {
  const startedAt = performance.now();
  const latencyMs = () => Math.round((performance.now() - startedAt) * 100) / 100;
  try {
    const outcome = await withTimeout(check.check(), CHECK_TIMEOUT_MS);
    const status = outcome?.status ?? 'up';
    const detail = outcome?.detail === undefined ? {} : { detail: outcome.detail };
    return { status, latencyMs: status === 'disabled' ? null : latencyMs(), ...detail };
  } catch (error) {
    return { status: 'down', latencyMs: latencyMs(), detail: reasonOf(error) };
  }
}

/** Health is public: an error's code, never its text, which may hold addresses or credentials. */
function reasonOf(error: unknown): string {
  if (error instanceof HealthTimeout) return 'does not answer in time';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[A-Z][A-Z0-9_]{2,}$/.test(code) ? code : 'does not answer';
}

class HealthTimeout extends Error {}

async function withTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HealthTimeout()), timeoutMs);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
