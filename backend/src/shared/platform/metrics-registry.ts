import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** A number that another object keeps and that is read when the metrics are scraped. */
export interface ObservedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly labelNames?: readonly string[];
  observe(): ObservedValue[] | Promise<ObservedValue[]>;
}

export interface ObservedValue {
  readonly labels?: Record<string, string>;
  readonly value: number;
}

const DURATION_BUCKETS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** The one Prometheus registry of this application; other modules contribute to it. */
export class MetricsRegistry {
  readonly #registry = new Registry();

  readonly #failures: Counter<'metric'>;

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    this.#failures = this.counter('metrics_observe_errors_total', 'Metrics that could not be read at a scrape', [
      'metric',
    ]);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  gauge<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Gauge<L> {
    return new Gauge({ name, help, labelNames: [...labelNames], registers: [this.#registry] });
  }

  /** A histogram of milliseconds. */
  durationMs<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Histogram<L> {
    return new Histogram({
      name,
      help,
      labelNames: [...labelNames],
      buckets: DURATION_BUCKETS_MS,
      registers: [this.#registry],
    });
  }

  /** Reads `metric` at every scrape; a failing observation leaves the metric out of that scrape. */
  observe(metric: ObservedMetric): void {
    const options = { name: metric.name, help: metric.help, labelNames: [...(metric.labelNames ?? [])] };
    const apply = async (reset: () => void, set: (labels: Record<string, string>, value: number) => void) => {
      const values = await Promise.resolve()
        .then(() => metric.observe())
        .catch(() => {
          this.#failures.inc({ metric: metric.name });
          return [];
        });
      reset();
      for (const { labels, value } of values) set(labels ?? {}, value);
    };
    if (metric.type === 'gauge') {
      const gauge: Gauge = new Gauge({
        ...options,
        registers: [this.#registry],
        collect: () =>
          apply(
            () => gauge.reset(),
            (labels, value) => gauge.set(labels, value),
          ),
      });
      return;
    }
    const counter: Counter = new Counter({
      ...options,
      registers: [this.#registry],
      collect: () =>
        apply(
          () => counter.reset(),
          (labels, value) => counter.inc(labels, value),
        ),
    });
  }

  /** Prometheus exposition text. */
  async text(): Promise<string> {
    return this.#registry.metrics();
  }
}
