"""An application that knows nothing of OpenTelemetry but its API: what `opentelemetry-instrument` is for."""

import logging

from opentelemetry import metrics, trace

logging.basicConfig(level=logging.INFO)
metrics.get_meter("app").create_counter("app.hellos").add(1)
with trace.get_tracer("app").start_as_current_span("hello"):
    logging.getLogger("app").warning("hello from Python")
