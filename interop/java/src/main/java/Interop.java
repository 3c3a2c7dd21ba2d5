import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.logs.Severity;
import io.opentelemetry.api.metrics.DoubleGauge;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.View;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Sends the interop telemetry with the Java SDK; configured by the OTEL_ environment variables alone. */
public final class Interop {
  private Interop() {}

  public static void main(String[] args) {
    var exponential = InstrumentSelector.builder().setName("interop.exponential").build();
    var view = View.builder().setAggregation(Aggregation.base2ExponentialBucketHistogram()).build();
    OpenTelemetrySdk sdk =
        AutoConfiguredOpenTelemetrySdk.builder()
            .addMeterProviderCustomizer((builder, config) -> builder.registerView(exponential, view))
            .disableShutdownHook()
            .build()
            .getOpenTelemetrySdk();

    var tracer = sdk.getTracer("interop", "1.0.0");
    var parent = tracer.spanBuilder("parent").setNoParent().setSpanKind(SpanKind.SERVER).startSpan();
    var inParent = Context.root().with(parent);
    var child =
        tracer
            .spanBuilder("child")
            .setParent(inParent)
            .setSpanKind(SpanKind.CLIENT)
            .addLink(parent.getSpanContext(), Attributes.of(AttributeKey.stringKey("why"), "test"))
            .setAttribute("text", "Grüße")
            .setAttribute("int", 9007199254740993L)
            .setAttribute("double", 0.25)
            .setAttribute("bool", true)
            .setAttribute(AttributeKey.stringArrayKey("list"), List.of("a", "b"))
            .startSpan();
    child.addEvent("tick", Attributes.of(AttributeKey.longKey("n"), 1L));
    child.setStatus(StatusCode.ERROR, "failed");

    var meter = sdk.getMeter("interop");
    var red = Attributes.of(AttributeKey.stringKey("color"), "red");
    meter.counterBuilder("interop.counter").setUnit("{item}").build().add(5, red, inParent);
    meter.upDownCounterBuilder("interop.updown").build().add(-3, Attributes.empty(), inParent);
    DoubleGauge gauge = meter.gaugeBuilder("interop.gauge").build();
    gauge.set(21.5, Attributes.empty(), inParent);
    var bounds = List.of(5.0, 50.0);
    var histogram = meter.histogramBuilder("interop.histogram").setExplicitBucketBoundariesAdvice(bounds).build();
    histogram.record(10, Attributes.empty(), inParent);
    meter.histogramBuilder("interop.exponential").build().record(8, Attributes.empty(), inParent);

    var logger = sdk.getLogsBridge().get("interop");
    for (var severity : List.of(Severity.INFO, Severity.WARN)) {
      logger
          .logRecordBuilder()
          .setContext(inParent)
          .setSeverity(severity)
          .setBody("interop log")
          .setAttribute(AttributeKey.longKey("n"), 7L)
          .emit();
    }

    child.end();
    parent.end();
    if (!sdk.shutdown().join(30, TimeUnit.SECONDS).isSuccess()) {
      System.err.println("the SDK could not send everything");
      System.exit(1);
    }
    System.out.println(parent.getSpanContext().getTraceId());
  }
}
