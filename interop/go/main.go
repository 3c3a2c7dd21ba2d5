// Sends the interop telemetry with the Go SDK; configured by the OTEL_ environment variables alone.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	otellog "go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func exporters(ctx context.Context) (sdktrace.SpanExporter, sdklog.Exporter, sdkmetric.Exporter) {
	if os.Getenv("OTEL_EXPORTER_OTLP_PROTOCOL") == "grpc" {
		return must(otlptracegrpc.New(ctx)), must(otlploggrpc.New(ctx)), must(otlpmetricgrpc.New(ctx))
	}
	return must(otlptracehttp.New(ctx)), must(otlploghttp.New(ctx)), must(otlpmetrichttp.New(ctx))
}

func main() {
	ctx := context.Background()
	spans, records, points := exporters(ctx)
	traces := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans))
	logs := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(records)))
	exponential := sdkmetric.NewView(
		sdkmetric.Instrument{Name: "interop.exponential"},
		sdkmetric.Stream{Aggregation: sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}},
	)
	metrics := sdkmetric.NewMeterProvider(
		sdkmetric.WithReader(sdkmetric.NewPeriodicReader(points)),
		sdkmetric.WithView(exponential),
	)

	tracer := traces.Tracer("interop", trace.WithInstrumentationVersion("1.0.0"))
	parentCtx, parent := tracer.Start(ctx, "parent", trace.WithSpanKind(trace.SpanKindServer))
	_, child := tracer.Start(parentCtx, "child",
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithLinks(trace.Link{SpanContext: parent.SpanContext(), Attributes: []attribute.KeyValue{attribute.String("why", "test")}}),
		trace.WithAttributes(
			attribute.String("text", "Grüße"),
			attribute.Int64("int", 9007199254740993),
			attribute.Float64("double", 0.25),
			attribute.Bool("bool", true),
			attribute.StringSlice("list", []string{"a", "b"}),
		))
	child.AddEvent("tick", trace.WithAttributes(attribute.Int("n", 1)))
	child.SetStatus(codes.Error, "failed")

	meter := metrics.Meter("interop")
	must(meter.Int64Counter("interop.counter", metric.WithUnit("{item}"))).Add(parentCtx, 5, metric.WithAttributes(attribute.String("color", "red")))
	must(meter.Int64UpDownCounter("interop.updown")).Add(parentCtx, -3)
	must(meter.Float64Gauge("interop.gauge")).Record(parentCtx, 21.5)
	must(meter.Float64Histogram("interop.histogram", metric.WithExplicitBucketBoundaries(5, 50))).Record(parentCtx, 10)
	must(meter.Float64Histogram("interop.exponential")).Record(parentCtx, 8)

	logger := logs.Logger("interop")
	for _, severity := range []otellog.Severity{otellog.SeverityInfo, otellog.SeverityWarn} {
		var record otellog.Record
		record.SetSeverity(severity)
		record.SetBody(attribute.StringValue("interop log"))
		record.AddAttributes(attribute.Int("n", 7))
		logger.Emit(parentCtx, record)
	}

	child.End()
	parent.End()
	for _, shutdown := range []func(context.Context) error{traces.Shutdown, logs.Shutdown, metrics.Shutdown} {
		if err := shutdown(ctx); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(parent.SpanContext().TraceID())
}
