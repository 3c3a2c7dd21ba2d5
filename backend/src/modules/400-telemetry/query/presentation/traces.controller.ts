import { Controller, Get, Param, Query } from '@nestjs/common';
import { LogsResponse, TraceLogsQuery, TraceResponse, TracesQuery, TracesResponse } from '@telemetryflow/contracts';
import { Describe, RequirePermission } from '../../../../shared/platform/index.js';
import { LogReader } from '../readers/log-reader.js';
import { TraceReader } from '../readers/trace-reader.js';
import type { ReadScope } from '../store.js';
import { Reading } from './reading.js';

@Controller('api/v2/telemetry')
export class TracesController {
  constructor(
    private readonly traces: TraceReader,
    private readonly logs: LogReader,
  ) {}

  @Get('traces')
  @RequirePermission('traces:read')
  @Describe({ summary: 'Search traces', tag: 'Telemetry', query: TracesQuery, response: TracesResponse })
  listTraces(@Query({ schema: TracesQuery }) query: TracesQuery, @Reading() scope: ReadScope) {
    return this.traces.list(query, scope);
  }

  @Get('traces/:traceId')
  @RequirePermission('traces:read')
  @Describe({ summary: 'Get a trace', tag: 'Telemetry', response: TraceResponse })
  getTrace(@Param('traceId') traceId: string, @Reading() scope: ReadScope) {
    return this.traces.byId(traceId, scope);
  }

  @Get('traces/:traceId/logs')
  @RequirePermission('logs:read')
  @Describe({ summary: 'List the logs of a trace', tag: 'Telemetry', query: TraceLogsQuery, response: LogsResponse })
  listTraceLogs(
    @Param('traceId') traceId: string,
    @Query({ schema: TraceLogsQuery }) query: TraceLogsQuery,
    @Reading() scope: ReadScope,
  ) {
    return this.logs.ofTrace(traceId, query, scope);
  }
}
