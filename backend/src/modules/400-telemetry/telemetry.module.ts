import { Module } from '@nestjs/common';
import { ClickHouseModule } from '../../shared/clickhouse/clickhouse.module.js';
import { RUNTIME, type Runtime } from '../../shared/platform/index.js';
import { AnswerCache } from './query/engine/answer-cache.js';
import { NameNotes } from './query/engine/name-notes.js';
import { PLANNERS, planners } from './query/engine/planners.js';
import { TelemetryQueryService } from './query/engine/telemetry-query.service.js';
import { ExportLogs } from './query/export-logs.js';
import { LogPatternReader } from './query/patterns/log-pattern-reader.js';
import { LogsController } from './query/presentation/logs.controller.js';
import { MetricsController } from './query/presentation/metrics.controller.js';
import { OverviewController } from './query/presentation/overview.controller.js';
import { QueryController } from './query/presentation/query.controller.js';
import { ServicesController } from './query/presentation/services.controller.js';
import { SpansController } from './query/presentation/spans.controller.js';
import { TracesController } from './query/presentation/traces.controller.js';
import { ExemplarReader } from './query/readers/exemplar-reader.js';
import { FieldReader } from './query/readers/field-reader.js';
import { IdentityReader } from './query/readers/identities.js';
import { LogContextReader } from './query/readers/log-context-reader.js';
import { LogExporter } from './query/readers/log-exporter.js';
import { LogReader } from './query/readers/log-reader.js';
import { MetricNameReader } from './query/readers/metric-name-reader.js';
import { OverviewReader } from './query/readers/overview-reader.js';
import { ServiceMapReader } from './query/readers/service-map-reader.js';
import { ServicePageReader } from './query/readers/service-page-reader.js';
import { ServiceReader } from './query/readers/service-reader.js';
import { SpanComparisonReader } from './query/readers/span-comparison-reader.js';
import { SpanReader } from './query/readers/span-reader.js';
import { StatusReader } from './query/readers/status-reader.js';
import { TimeseriesReader } from './query/readers/timeseries-reader.js';
import { TraceReader } from './query/readers/trace-reader.js';
import { TraceViewReader } from './query/readers/trace-view-reader.js';
import { readLimitsOf } from './query/read-limits.js';
import { READ_LIMITS, TelemetryStore } from './query/store.js';
import { DropPurgedTelemetry } from './usage/drop-purged-telemetry.js';

/** The read side of the telemetry, and its end with the tenant's. */
@Module({
  imports: [ClickHouseModule],
  controllers: [
    TracesController,
    SpansController,
    ServicesController,
    LogsController,
    MetricsController,
    OverviewController,
    QueryController,
  ],
  providers: [
    DropPurgedTelemetry,
    TelemetryStore,
    { provide: READ_LIMITS, inject: [RUNTIME], useFactory: ({ config }: Runtime) => readLimitsOf(config) },
    IdentityReader,
    TraceReader,
    TraceViewReader,
    SpanReader,
    SpanComparisonReader,
    LogReader,
    LogContextReader,
    LogPatternReader,
    LogExporter,
    ExportLogs,
    ServiceReader,
    ServiceMapReader,
    ServicePageReader,
    OverviewReader,
    StatusReader,
    FieldReader,
    MetricNameReader,
    TimeseriesReader,
    ExemplarReader,
    TelemetryQueryService,
    NameNotes,
    AnswerCache,
    { provide: PLANNERS, useValue: planners },
  ],
  exports: [
    TelemetryStore,
    IdentityReader,
    TraceReader,
    LogReader,
    ServiceReader,
    MetricNameReader,
    TimeseriesReader,
    StatusReader,
    TelemetryQueryService,
  ],
})
export class TelemetryModule {}
