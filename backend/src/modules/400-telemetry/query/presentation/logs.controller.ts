import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, Res, StreamableFile } from '@nestjs/common';
import {
  LogContextQuery,
  LogContextResponse,
  LogExportQuery,
  LogHistogramQuery,
  LogHistogramResponse,
  LogPatternsQuery,
  LogPatternsResponse,
  LogsQuery,
  LogsResponse,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { Context, Describe, RequirePermission, type RequestContext } from '../../../../shared/platform/index.js';
import { ExportLogs } from '../export-logs.js';
import { LogPatternReader } from '../patterns/log-pattern-reader.js';
import { LogContextReader } from '../readers/log-context-reader.js';
import { LogReader } from '../readers/log-reader.js';
import type { ReadScope } from '../store.js';
import { Reading } from './reading.js';

@Controller('api/v2/telemetry/logs')
export class LogsController {
  constructor(
    private readonly logs: LogReader,
    private readonly contexts: LogContextReader,
    private readonly patternReader: LogPatternReader,
    private readonly exportLogs: ExportLogs,
  ) {}

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

  @Get('patterns')
  @RequirePermission('logs:read')
  @Describe({
    summary: 'Group logs by what their texts have in common, from a sample',
    tag: 'Telemetry',
    query: LogPatternsQuery,
    response: LogPatternsResponse,
  })
  patterns(@Query({ schema: LogPatternsQuery }) query: LogPatternsQuery, @Reading() scope: ReadScope) {
    return this.patternReader.read(query, scope);
  }

  @Get('export')
  @RequirePermission('logs:export')
  @Describe({ summary: 'The newest matching logs as a file, at most 100000', tag: 'Telemetry', query: LogExportQuery })
  async export(
    @Context() context: RequestContext,
    @Query({ schema: LogExportQuery }) query: LogExportQuery,
    @Reading() scope: ReadScope,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const pieces = await this.exportLogs.execute(context, query, scope);
    void reply.header('cache-control', 'no-store');
    return fileOf(query.format, pieces);
  }

  @Get(':recordId/context')
  @RequirePermission('logs:read')
  @Describe({
    summary: 'A log record among those before and after it',
    tag: 'Telemetry',
    query: LogContextQuery,
    response: LogContextResponse,
  })
  context(
    @Param('recordId') id: string,
    @Query({ schema: LogContextQuery }) query: LogContextQuery,
    @Reading() scope: ReadScope,
  ) {
    return this.contexts.around(id, query, scope);
  }
}

function fileOf(format: LogExportQuery['format'], pieces: AsyncIterable<string>): StreamableFile {
  const second = new Date().toISOString().slice(0, 19).replace(/[T:]/g, '-');
  return new StreamableFile(Readable.from(pieces), {
    type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
    disposition: `attachment; filename="logs-${second}.${format}"`,
  });
}
