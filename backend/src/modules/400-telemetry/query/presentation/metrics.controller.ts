import { Controller, Get, Query } from '@nestjs/common';
import {
  ExemplarsQuery,
  ExemplarsResponse,
  MetricNamesQuery,
  MetricNamesResponse,
  TimeseriesQuery,
  TimeseriesResponse,
} from '@telemetryflow/contracts';
import { Describe, RequirePermission } from '../../../../shared/platform/index.js';
import { ExemplarReader } from '../readers/exemplar-reader.js';
import { MetricNameReader } from '../readers/metric-name-reader.js';
import { TimeseriesReader } from '../readers/timeseries-reader.js';
import type { ReadScope } from '../store.js';
import { Reading } from './reading.js';

@Controller('api/v2/telemetry/metrics')
export class MetricsController {
  constructor(
    private readonly metricNames: MetricNameReader,
    private readonly timeseries: TimeseriesReader,
    private readonly exemplars: ExemplarReader,
  ) {}

  @Get('names')
  @RequirePermission('metrics:read')
  @Describe({ summary: 'List metrics', tag: 'Telemetry', query: MetricNamesQuery, response: MetricNamesResponse })
  names(@Query({ schema: MetricNamesQuery }) query: MetricNamesQuery, @Reading() scope: ReadScope) {
    return this.metricNames.list(query, scope);
  }

  @Get('timeseries')
  @RequirePermission('metrics:read')
  @Describe({
    summary: 'Read a metric over time',
    tag: 'Telemetry',
    query: TimeseriesQuery,
    response: TimeseriesResponse,
  })
  series(@Query({ schema: TimeseriesQuery }) query: TimeseriesQuery, @Reading() scope: ReadScope) {
    return this.timeseries.read(query, scope);
  }

  @Get('exemplars')
  @RequirePermission('metrics:read')
  @Describe({
    summary: "List a metric's exemplars with their traces",
    tag: 'Telemetry',
    query: ExemplarsQuery,
    response: ExemplarsResponse,
  })
  listExemplars(@Query({ schema: ExemplarsQuery }) query: ExemplarsQuery, @Reading() scope: ReadScope) {
    return this.exemplars.list(query, scope);
  }
}
