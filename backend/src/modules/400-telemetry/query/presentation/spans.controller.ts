import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { CompareSpans, CompareSpansResponse, SpansQuery, SpansResponse } from '@telemetryflow/contracts';
import { Describe, RequirePermission } from '../../../../shared/platform/index.js';
import { SpanComparisonReader } from '../readers/span-comparison-reader.js';
import { SpanReader } from '../readers/span-reader.js';
import type { ReadScope } from '../store.js';
import { Reading } from './reading.js';

@Controller('api/v2/telemetry')
export class SpansController {
  constructor(
    private readonly spans: SpanReader,
    private readonly comparisons: SpanComparisonReader,
  ) {}

  @Get('spans')
  @RequirePermission('traces:read')
  @Describe({ summary: 'Search spans', tag: 'Telemetry', query: SpansQuery, response: SpansResponse })
  listSpans(@Query({ schema: SpansQuery }) query: SpansQuery, @Reading() scope: ReadScope) {
    return this.spans.list(query, scope);
  }

  @Post('traces/compare')
  @HttpCode(200)
  @RequirePermission('traces:read')
  @Describe({
    summary: 'Compare spans with all others',
    tag: 'Telemetry',
    body: CompareSpans,
    response: CompareSpansResponse,
  })
  compare(@Body({ schema: CompareSpans }) request: CompareSpans, @Reading() scope: ReadScope) {
    return this.comparisons.compare(request, scope);
  }
}
