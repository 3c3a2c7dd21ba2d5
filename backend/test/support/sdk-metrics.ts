import type { Meter } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { Key } from './platform.js';

/** One process that measures through the OpenTelemetry SDK. Resolves when everything was exported. */
export async function measureWithSdk(
  otlpUrl: string,
  { keyId, keySecret }: Key,
  resource: Readonly<Record<string, string>>,
  measure: (meter: Meter) => void,
): Promise<void> {
  const exporter = new OTLPMetricExporter({
    url: `${otlpUrl}/v1/metrics`,
    headers: { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret },
  });
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
  const provider = new MeterProvider({ resource: resourceFromAttributes(resource), readers: [reader] });
  measure(provider.getMeter('browser-tests', '1.0.0'));
  // Exports once; a flush before would export the same again within the millisecond in which it all began.
  await provider.shutdown();
}
