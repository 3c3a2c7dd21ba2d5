import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  LogsResponse,
  Span,
  TraceLogsQuery,
  TraceMatchesQuery,
  TraceMatchesResponse,
  TraceOutline,
  TracePeersResponse,
  TraceResponse,
  TracesQuery,
  TracesResponse,
} from '@telemetryflow/contracts';
import { Describe, RequirePermission } from '../../../../shared/platform/index.js';
import { LogReader } from '../readers/log-reader.js';
import { TraceReader } from '../readers/trace-reader.js';
import { TraceViewReader } from '../readers/trace-view-reader.js';
import type { ReadScope } from '../store.js';
import { Reading } from './reading.js';

@Controller('api/v2/telemetry')
export class TracesController {
  constructor(
    private readonly traces: TraceReader,
    private readonly views: TraceViewReader,
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

  @Get('traces/:traceId/outline')
  @RequirePermission('traces:read')
  @Describe({ summary: 'Get the outline of a trace, in columns', tag: 'Telemetry', response: TraceOutline })
  getOutline(@Param('traceId') traceId: string, @Reading() scope: ReadScope) {
    return this.views.outline(traceId, scope);
  }

  @Get('traces/:traceId/peers')
  @RequirePermission('traces:read')
  @Describe({ summary: 'List whom the spans of a trace call', tag: 'Telemetry', response: TracePeersResponse })
  listPeers(@Param('traceId') traceId: string, @Reading() scope: ReadScope) {
    return this.views.peers(traceId, scope);
  }

  @Get('traces/:traceId/spans/:spanId')
  @RequirePermission('traces:read')
  @Describe({ summary: 'Get a span', tag: 'Telemetry', response: Span })
  getSpan(@Param('traceId') traceId: string, @Param('spanId') spanId: string, @Reading() scope: ReadScope) {
    return this.views.span(traceId, spanId, scope);
  }

  @Get('traces/:traceId/matches')
  @RequirePermission('traces:read')
  @Describe({
    summary: 'Search within a trace',
    tag: 'Telemetry',
    query: TraceMatchesQuery,
    response: TraceMatchesResponse,
  })
  listMatches(
    @Param('traceId') traceId: string,
    @Query({ schema: TraceMatchesQuery }) query: TraceMatchesQuery,
    @Reading() scope: ReadScope,
  ) {
    return this.views.matches(traceId, query, scope);
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
