import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { FastifyInstance, FastifyRequest } from 'fastify';

export interface SelfTracingOptions {
  /** Base address of OTLP/HTTP: this node's own. */
  readonly otlpHttpUrl: string;
  /** A key of the reserved workspace. */
  readonly keyId: string;
  readonly keySecret: string;
  readonly version: string;
  readonly environment: string;
}

const EXPORT_EVERY_MS = 5_000;
const EXPORT_TIMEOUT_MS = 5_000;

/**
 * Spans of the API's requests, sent to the platform's own ingest like anybody's. Ingest is answered before Fastify sees
 * it and the exporter's client is not instrumented, so no span ever causes another. Nothing is registered globally.
 */
export class SelfTracing {
  #provider: TracerProvider | undefined;
  #tracer: Tracer | undefined;

  /** Traces requests once {@link start} has been called. Call before routes are added. */
  install(fastify: FastifyInstance): void {
    const spans = new WeakMap<FastifyRequest, Span>();
    fastify.addHook('onRequest', (request, reply, done) => {
      const span = this.#begin(request);
      if (span !== undefined) {
        const { traceId, spanId, traceFlags } = span.spanContext();
        spans.set(request, span);
        request.scope.traceId = traceId;
        request.scope.spanId = spanId;
        void reply.header('traceresponse', `00-${traceId}-${spanId}-0${traceFlags & 1}`);
      }
      done();
    });
    fastify.addHook('onError', (request, _reply, error, done) => {
      spans.get(request)?.recordException({ name: error.name, message: error.name });
      done();
    });
    fastify.addHook('onResponse', (request, reply, done) => {
      const span = spans.get(request);
      if (span !== undefined) finish(span, request, reply.statusCode);
      done();
    });
  }

  start(options: SelfTracingOptions): void {
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({
        'service.name': 'telemetryflow-backend',
        'service.version': options.version,
        'deployment.environment.name': options.environment,
      }),
      spanProcessors: [
        new BatchSpanProcessor({
          exporter: new OTLPTraceExporter({
            url: `${options.otlpHttpUrl}/v1/traces`,
            headers: { 'x-api-key-id': options.keyId, 'x-api-key-secret': options.keySecret },
            timeoutMillis: EXPORT_TIMEOUT_MS,
          }),
          scheduledDelayMillis: EXPORT_EVERY_MS,
        }),
      ],
    });
    this.#tracer = this.#provider.getTracer('telemetryflow', options.version);
  }

  /** Sends what is left. */
  async stop(): Promise<void> {
    this.#tracer = undefined;
    await this.#provider?.shutdown();
  }

  #begin(request: FastifyRequest): Span | undefined {
    const route = request.routeOptions.url;
    if (this.#tracer === undefined || route === undefined || !route.startsWith('/api/v2/')) return undefined;
    return this.#tracer.startSpan(
      `${request.method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: {
          'http.request.method': request.method,
          'http.route': route,
          'url.path': request.url.split('?', 1)[0] ?? '',
          'url.scheme': request.protocol,
          'client.address': request.ip,
          'user_agent.original': request.headers['user-agent'] ?? '',
        },
      },
      parentOf(request.headers['traceparent']),
    );
  }
}

function finish(span: Span, request: FastifyRequest, status: number): void {
  span.setAttributes({ 'http.response.status_code': status, 'telemetryflow.request_id': request.id });
  const { tenantId } = request.scope;
  if (tenantId !== undefined) span.setAttribute('telemetryflow.tenant.id', tenantId);
  // A refused request is the client's error, not the server's (OpenTelemetry's HTTP conventions).
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/;

/** The caller's span by W3C Trace Context; none when the header is absent or malformed. */
export function parentOf(traceparent: string | string[] | undefined): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(typeof traceparent === 'string' ? traceparent : '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & 1,
    isRemote: true,
  });
}
