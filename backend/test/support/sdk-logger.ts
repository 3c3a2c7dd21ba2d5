import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import { SeverityNumber, type AnyValue } from '@opentelemetry/api-logs';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import type { Key } from './platform.js';

export interface SdkLog {
  readonly body: AnyValue;
  readonly severity?: SeverityNumber;
  readonly agoMs?: number;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly span?: { readonly traceId: string; readonly spanId: string };
}

/** One process that logs through the OpenTelemetry SDK. Resolves when everything was exported. */
export async function logWithSdk(
  otlpUrl: string,
  { keyId, keySecret }: Key,
  resource: Readonly<Record<string, string>>,
  logs: readonly SdkLog[],
): Promise<void> {
  const exporter = new OTLPLogExporter({
    url: `${otlpUrl}/v1/logs`,
    headers: { 'x-api-key-id': keyId, 'x-api-key-secret': keySecret },
  });
  const provider = new LoggerProvider({
    resource: resourceFromAttributes(resource),
    processors: [new BatchLogRecordProcessor({ exporter, maxQueueSize: logs.length + 1 })],
  });
  const logger = provider.getLogger('browser-tests', '1.0.0');
  const now = Date.now();
  for (const { body, severity = SeverityNumber.INFO, agoMs = 0, attributes = {}, span } of logs) {
    logger.emit({
      timestamp: now - agoMs,
      severityNumber: severity,
      severityText: SeverityNumber[severity],
      body,
      attributes,
      ...(span && {
        context: trace.setSpanContext(ROOT_CONTEXT, { ...span, traceFlags: TraceFlags.SAMPLED }),
      }),
    });
  }
  await provider.forceFlush();
  await provider.shutdown();
}
