/**
 * Exemplars for the shop's histograms. The JavaScript SDK aggregates histograms but does not export exemplars, so this
 * keeps the latest traced measurement per bucket and adds it to the SDK's own OTLP/JSON on the way out.
 */
import { type Attributes, type Histogram, isSpanContextValid, trace } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { JsonMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { AggregationTemporality, type PushMetricExporter, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

interface Exemplar {
  readonly timeUnixNano: string;
  readonly asDouble: number;
  readonly traceId: string;
  readonly spanId: string;
}

interface JsonHistogramPoint {
  attributes?: { key: string; value: Record<string, unknown> }[];
  exemplars?: Exemplar[];
}
interface JsonMetrics {
  resourceMetrics: {
    scopeMetrics: { metrics: { name: string; histogram?: { dataPoints: JsonHistogramPoint[] } }[] }[];
  }[];
}

/** How many exemplars one histogram point carries at most. */
const PER_POINT = 4;

const identity = (name: string, attributes: readonly (readonly [string, unknown])[]) =>
  JSON.stringify([name, attributes.map(([k, v]) => [k, String(v)]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))]);

/** Measurements made inside a sampled span, until the next export takes them. */
export class ExemplarStore {
  readonly #kept = new Map<string, Exemplar[]>();

  /** Records into the SDK's histogram and keeps the measurement as an exemplar when a span is active. */
  record(histogram: Histogram, name: string, value: number, attributes: Attributes): void {
    histogram.record(value, attributes);
    const spanContext = trace.getActiveSpan()?.spanContext();
    if (!spanContext || !isSpanContextValid(spanContext)) return;
    const key = identity(name, Object.entries(attributes));
    const kept = this.#kept.get(key) ?? [];
    kept.push({
      timeUnixNano: `${BigInt(Date.now()) * 1_000_000n}`,
      asDouble: value,
      traceId: spanContext.traceId,
      spanId: spanContext.spanId,
    });
    if (kept.length > PER_POINT) kept.shift();
    this.#kept.set(key, kept);
  }

  /** Adds what was kept to the matching points and forgets it. */
  attachTo(metrics: JsonMetrics): void {
    for (const metric of metrics.resourceMetrics.flatMap((r) => r.scopeMetrics).flatMap((s) => s.metrics)) {
      for (const point of metric.histogram?.dataPoints ?? []) {
        const attributes = (point.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]] as const);
        const kept = this.#kept.get(identity(metric.name, attributes));
        if (kept) point.exemplars = kept;
      }
    }
    this.#kept.clear();
  }
}

/** The SDK's OTLP/JSON metric export with exemplars. */
export class ExemplarMetricExporter implements PushMetricExporter {
  readonly #target: { url: string; headers: Record<string, string> };
  readonly #store: ExemplarStore;

  constructor(target: { url: string; headers: Record<string, string> }, store: ExemplarStore) {
    this.#target = target;
    this.#store = store;
  }

  export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
    this.#send(metrics).then(
      () => done({ code: ExportResultCode.SUCCESS }),
      (error: unknown) =>
        done({ code: ExportResultCode.FAILED, error: error instanceof Error ? error : new Error(String(error)) }),
    );
  }

  async #send(metrics: ResourceMetrics): Promise<void> {
    const bytes = JsonMetricsSerializer.serializeRequest(metrics);
    if (!bytes) return;
    const json = JSON.parse(new TextDecoder().decode(bytes)) as JsonMetrics;
    this.#store.attachTo(json);
    const response = await fetch(this.#target.url, {
      method: 'POST',
      headers: { ...this.#target.headers, 'content-type': 'application/json' },
      body: JSON.stringify(json),
      signal: AbortSignal.timeout(10_000),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`metrics export answered ${response.status}`);
  }

  selectAggregationTemporality(): AggregationTemporality {
    return AggregationTemporality.CUMULATIVE;
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}
