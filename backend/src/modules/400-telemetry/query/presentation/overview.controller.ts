import { Controller, Get, Query } from '@nestjs/common';
import {
  FieldsQuery,
  FieldsResponse,
  FieldValuesQuery,
  FieldValuesResponse,
  IngestStatus,
  OverviewResponse,
  RangeQuery,
} from '@telemetryflow/contracts';
import {
  Authenticated,
  Context,
  Describe,
  RequirePermission,
  type RequestContext,
} from '../../../../shared/platform/index.js';
import { FieldReader } from '../readers/field-reader.js';
import { OverviewReader } from '../readers/overview-reader.js';
import { StatusReader } from '../readers/status-reader.js';
import type { ReadScope } from '../store.js';
import { Reading } from './reading.js';
import { mustRead } from './signal-permission.js';

/** Names tell of the data: whoever may not read a signal may not complete its fields. */
@Controller('api/v2/telemetry')
export class OverviewController {
  constructor(
    private readonly status: StatusReader,
    private readonly overview: OverviewReader,
    private readonly fields: FieldReader,
  ) {}

  @Get('status')
  @Authenticated()
  @Describe({ summary: 'When each signal last arrived', tag: 'Telemetry', response: IngestStatus })
  getStatus(@Reading() scope: ReadScope) {
    return this.status.read(scope);
  }

  @Get('overview')
  @RequirePermission('traces:read')
  @Describe({ summary: 'Counts over a time range', tag: 'Telemetry', query: RangeQuery, response: OverviewResponse })
  getOverview(@Query({ schema: RangeQuery }) query: RangeQuery, @Reading() scope: ReadScope) {
    return this.overview.read(query, scope);
  }

  @Get('fields')
  @Authenticated()
  @Describe({ summary: 'Names a filter can use', tag: 'Telemetry', query: FieldsQuery, response: FieldsResponse })
  listFields(
    @Query({ schema: FieldsQuery }) query: FieldsQuery,
    @Context() context: RequestContext,
    @Reading() scope: ReadScope,
  ) {
    mustRead([query.signal], context);
    return this.fields.list(query, scope);
  }

  @Get('fields/values')
  @Authenticated()
  @Describe({
    summary: 'Values a filter can compare with',
    tag: 'Telemetry',
    query: FieldValuesQuery,
    response: FieldValuesResponse,
  })
  listFieldValues(
    @Query({ schema: FieldValuesQuery }) query: FieldValuesQuery,
    @Context() context: RequestContext,
    @Reading() scope: ReadScope,
  ) {
    mustRead([query.signal], context);
    return this.fields.values(query, scope);
  }
}
