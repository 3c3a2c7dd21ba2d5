/** Export requests as the OpenTelemetry SDK writes them: spans with 10 attributes and 12 resource attributes. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const resource = (instance) =>
  resourceFromAttributes({
    'service.name': `service-${instance % 12}`,
    'service.version': '1.4.2',
    'service.namespace': 'shop',
    'service.instance.id': `instance-${instance}`,
    'host.name': `node-${instance % 8}`,
    'k8s.pod.name': `pod-${instance}`,
    'k8s.namespace.name': 'prod',
    'k8s.cluster.name': 'eu-1',
    'deployment.environment.name': 'production',
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    'telemetry.sdk.version': '2.1.0',
  });

/** One export request with `count` spans in traces of eight, as protobuf bytes. Ids are random in every call. */
export function traceRequest(count, instance = 0) {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({
    resource: resource(instance),
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('bench', '1.0.0');
  const startMs = Date.now() - 1000;
  let parent = ROOT_CONTEXT;
  for (let n = 0; n < count; n += 1) {
    const depth = n % 8;
    if (depth === 0) parent = ROOT_CONTEXT;
    const options = {
      kind: depth === 0 ? SpanKind.SERVER : SpanKind.INTERNAL,
      startTime: startMs + depth,
      attributes: {
        'http.request.method': ['GET', 'POST', 'PUT'][n % 3],
        'http.route': `/api/items/${n % 40}`,
        'url.path': `/api/items/${n}`,
        'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64)',
        'server.address': 'shop.internal',
        'network.protocol.version': '1.1',
        'enduser.id': String((n * 7919) % 20_000),
        'http.response.status_code': n % 50 === 0 ? 500 : 200,
        'server.port': 8080,
        'cache.hit': n % 2 === 0,
      },
    };
    const span = tracer.startSpan(`GET /api/items/${n % 40}`, options, parent);
    if (n % 50 === 0) span.setStatus({ code: SpanStatusCode.ERROR });
    if (depth === 0) parent = trace.setSpan(ROOT_CONTEXT, span);
    span.end(startMs + depth + 20);
  }
  return ProtobufTraceSerializer.serializeRequest(exporter.getFinishedSpans());
}
