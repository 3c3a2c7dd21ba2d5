"""Sends the interop telemetry with the Python SDK; configured by the OTEL_ environment variables alone."""

import os

from opentelemetry import trace
from opentelemetry._logs import SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import (
    ExplicitBucketHistogramAggregation,
    ExponentialBucketHistogramAggregation,
    View,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

if os.environ["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

traces = TracerProvider()
traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
logs = LoggerProvider()
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
metrics = MeterProvider(
    metric_readers=[PeriodicExportingMetricReader(OTLPMetricExporter(), export_interval_millis=3_600_000)],
    views=[
        View(instrument_name="interop.histogram", aggregation=ExplicitBucketHistogramAggregation((5, 50))),
        View(instrument_name="interop.exponential", aggregation=ExponentialBucketHistogramAggregation()),
    ],
)

tracer = traces.get_tracer("interop", "1.0.0")
with tracer.start_as_current_span("parent", kind=SpanKind.SERVER) as parent:
    child = tracer.start_span(
        "child",
        kind=SpanKind.CLIENT,
        links=[Link(parent.get_span_context(), {"why": "test"})],
        attributes={"text": "Grüße", "int": 9007199254740993, "double": 0.25, "bool": True, "list": ["a", "b"]},
    )
    child.add_event("tick", {"n": 1})
    child.set_status(Status(StatusCode.ERROR, "failed"))

    meter = metrics.get_meter("interop")
    meter.create_counter("interop.counter", unit="{item}").add(5, {"color": "red"})
    meter.create_up_down_counter("interop.updown").add(-3)
    meter.create_gauge("interop.gauge").set(21.5)
    meter.create_histogram("interop.histogram").record(10)
    meter.create_histogram("interop.exponential").record(8)

    logger = logs.get_logger("interop")
    for severity in (SeverityNumber.INFO, SeverityNumber.WARN):
        logger.emit(severity_number=severity, body="interop log", attributes={"n": 7})
    child.end()

traces.shutdown()
logs.shutdown()
metrics.shutdown()
print(trace.format_trace_id(parent.get_span_context().trace_id))
