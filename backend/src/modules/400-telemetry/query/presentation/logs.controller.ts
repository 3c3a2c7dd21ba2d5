import { Controller, Get, Query } from '@nestjs/common';
import { LogHistogramQuery, LogHistogramResponse, LogsQuery, LogsResponse } from '@telemetryflow/contracts';
import { Describe, RequirePermission } from '../../../../shared/platform/index.js';
import { LogReader } from '../readers/log-reader.js';
import type { ReadScope } from '../store.js';
import { Reading } from './reading.js';

@Controller('api/v2/telemetry/logs')
export class LogsController {
  constructor(private readonly logs: LogReader) {}

  @Get()
  @RequirePermission('logs:read')
  @Describe({ summary: 'Search logs', tag: 'Telemetry', query: LogsQuery, response: LogsResponse })
  list(@Query({ schema: LogsQuery }) query: LogsQuery, @Reading() scope: ReadScope) {
    return this.logs.list(query, scope);
  }

  @Get('histogram')
  @RequirePermission('logs:read')
  @Describe({
    summary: 'Count logs over time by severity',
    tag: 'Telemetry',
    query: LogHistogramQuery,
    response: LogHistogramResponse,
  })
  histogram(@Query({ schema: LogHistogramQuery }) query: LogHistogramQuery, @Reading() scope: ReadScope) {
    return this.logs.histogram(query, scope);
  }
}
