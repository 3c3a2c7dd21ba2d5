export const LANGUAGES = ['node', 'python', 'go', 'java', 'collector'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Protocol = 'http' | 'grpc';

export interface SnippetInput {
  protocol: Protocol;
  /** Base addresses, as a client would reach them: `http://127.0.0.1:4318`. */
  httpEndpoint: string;
  grpcEndpoint: string;
  keyId: string;
  keySecret: string;
}

/** Text to paste: where it goes (a catalogue key under `get-started.places`, or a file name) and what. */
export interface Snippet {
  place: 'install' | 'environment' | 'run' | 'code' | 'file';
  code: string;
}

/**
 * An address that the server gives for its own machine, as the browser's machine reaches it: a loopback host is replaced
 * by the host of the page when the page comes from elsewhere.
 */
export function reachableEndpoint(endpoint: string, pageHost: string): string {
  const url = URL.parse(endpoint);
  if (url === null || !isLoopback(url.hostname) || isLoopback(pageHost)) return endpoint;
  url.hostname = pageHost;
  return url.toString().replace(/\/$/, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '0.0.0.0' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function environment(input: SnippetInput, more: readonly string[] = []): Snippet {
  const isHttp = input.protocol === 'http';
  const lines = [
    `OTEL_EXPORTER_OTLP_ENDPOINT=${isHttp ? input.httpEndpoint : input.grpcEndpoint}`,
    `OTEL_EXPORTER_OTLP_PROTOCOL=${isHttp ? 'http/protobuf' : 'grpc'}`,
    `OTEL_EXPORTER_OTLP_HEADERS=x-api-key-id=${input.keyId},x-api-key-secret=${input.keySecret}`,
    'OTEL_SERVICE_NAME=my-service',
    ...more,
  ];
  return { place: 'environment', code: lines.map((line) => `export ${line}`).join('\n') };
}

function node(input: SnippetInput): Snippet[] {
  return [
    { place: 'install', code: 'npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node' },
    environment(input, ['OTEL_LOGS_EXPORTER=otlp', 'OTEL_METRICS_EXPORTER=otlp']),
    { place: 'run', code: 'node --require @opentelemetry/auto-instrumentations-node/register app.js' },
  ];
}

function python(input: SnippetInput): Snippet[] {
  return [
    {
      place: 'install',
      code: 'pip install opentelemetry-distro opentelemetry-exporter-otlp\nopentelemetry-bootstrap -a install',
    },
    environment(input, ['OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED=true']),
    { place: 'run', code: 'opentelemetry-instrument python app.py' },
  ];
}

function java(input: SnippetInput): Snippet[] {
  return [
    {
      place: 'install',
      code: 'curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar',
    },
    environment(input),
    { place: 'run', code: 'java -javaagent:./opentelemetry-javaagent.jar -jar app.jar' },
  ];
}

const GO_MODULES = [
  'go.opentelemetry.io/otel',
  'go.opentelemetry.io/otel/sdk',
  'go.opentelemetry.io/otel/sdk/metric',
  'go.opentelemetry.io/otel/sdk/log',
  'go.opentelemetry.io/contrib/exporters/autoexport',
  'go.opentelemetry.io/contrib/bridges/otelslog',
].join(' \\\n  ');

const GO_CODE = `package main

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log/global"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	ctx := context.Background()

	spans, _ := autoexport.NewSpanExporter(ctx)
	traces := trace.NewTracerProvider(trace.WithBatcher(spans))
	defer traces.Shutdown(ctx)
	otel.SetTracerProvider(traces)

	reader, _ := autoexport.NewMetricReader(ctx)
	metrics := metric.NewMeterProvider(metric.WithReader(reader))
	defer metrics.Shutdown(ctx)
	otel.SetMeterProvider(metrics)

	records, _ := autoexport.NewLogExporter(ctx)
	logs := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(records)))
	defer logs.Shutdown(ctx)
	global.SetLoggerProvider(logs)
	slog.SetDefault(otelslog.NewLogger("my-service"))

	ctx, span := otel.Tracer("my-service").Start(ctx, "hello")
	slog.InfoContext(ctx, "hello from Go")
	span.End()
}`;

function go(input: SnippetInput): Snippet[] {
  return [
    { place: 'install', code: `go get ${GO_MODULES}` },
    environment(input),
    { place: 'code', code: GO_CODE },
    { place: 'run', code: 'go run .' },
  ];
}

/** The Collector's own receivers stand on other ports than ours, so that both fit on one machine. */
function collector(input: SnippetInput): Snippet[] {
  const exporter = input.protocol === 'http' ? 'otlphttp' : 'otlp';
  const endpoint = input.protocol === 'http' ? input.httpEndpoint : input.grpcEndpoint;
  const tls = endpoint.startsWith('http://') && input.protocol === 'grpc' ? '\n    tls:\n      insecure: true' : '';
  const pipeline = (signal: string) =>
    `    ${signal}:\n      receivers: [otlp]\n      processors: [batch]\n      exporters: [${exporter}]`;
  const code = `receivers:
  otlp:
    protocols:
      http:
        endpoint: 127.0.0.1:14318
      grpc:
        endpoint: 127.0.0.1:14317

processors:
  batch:

exporters:
  ${exporter}:
    endpoint: ${endpoint}${tls}
    headers:
      x-api-key-id: ${input.keyId}
      x-api-key-secret: ${input.keySecret}

service:
  pipelines:
${['traces', 'logs', 'metrics'].map(pipeline).join('\n')}`;
  return [
    { place: 'file', code },
    { place: 'run', code: 'otelcol-contrib --config otelcol.yaml' },
  ];
}

const WRITERS: Readonly<Record<Language, (input: SnippetInput) => Snippet[]>> = { node, python, go, java, collector };

/** What to paste, in order, to send from `language`. */
export function snippetsFor(language: Language, input: SnippetInput): Snippet[] {
  return WRITERS[language](input);
}
