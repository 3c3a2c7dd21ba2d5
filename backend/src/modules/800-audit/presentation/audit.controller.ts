import { Readable } from 'node:stream';
import { Body, Controller, Get, Param, Put, Query, Res, StreamableFile } from '@nestjs/common';
import {
  AuditEntry,
  AuditExportQuery,
  AuditPage,
  AuditQuery,
  AuditRetention,
  AuditStatistics,
  AuditStatisticsQuery,
  AuditVerification,
  AuditVerificationQuery,
  IdParams,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import {
  asJsonArray,
  Context,
  Describe,
  type RequestContext,
  RequirePermission,
} from '../../../shared/platform/index.js';
import { ExportTrail } from '../application/export-trail.js';
import { AuditReader } from '../application/queries/audit-reader.js';
import { VerifyTrail } from '../application/queries/verify-trail.js';
import { Retention } from '../application/retention.js';
import { TrailScopes } from '../application/trail-scope.js';
import { asCsv } from './exports.js';

const TAG = 'Audit';
const READ = 'audit-logs:read';

/** The trail of who did what. It can be read, and nothing else: there is no route that changes an entry. */
@Controller('api/v2/audit')
export class AuditController {
  constructor(
    private readonly reader: AuditReader,
    private readonly verifyTrail: VerifyTrail,
    private readonly exportTrail: ExportTrail,
    private readonly retention: Retention,
    private readonly scopes: TrailScopes,
  ) {}

  @Get()
  @RequirePermission(READ)
  @Describe({ summary: 'Acts, newest first', tag: TAG, query: AuditQuery, response: AuditPage })
  async list(@Context() context: RequestContext, @Query({ schema: AuditQuery }) query: AuditQuery): Promise<AuditPage> {
    return this.reader.page(await this.scopes.readable(context, READ, query.organizationId), query);
  }

  @Get('statistics')
  @RequirePermission('audit-logs:read')
  @Describe({
    summary: 'Acts of a time range, counted',
    tag: TAG,
    query: AuditStatisticsQuery,
    response: AuditStatistics,
  })
  async statistics(
    @Context() context: RequestContext,
    @Query({ schema: AuditStatisticsQuery }) query: AuditStatisticsQuery,
  ): Promise<AuditStatistics> {
    return this.reader.statistics(await this.scopes.readable(context, READ, query.organizationId), query);
  }

  @Get('verify')
  @RequirePermission('audit-logs:read')
  @Describe({
    summary: 'Whether entries were removed, altered, added or put in another order',
    tag: TAG,
    query: AuditVerificationQuery,
    response: AuditVerification,
  })
  async verify(
    @Context() context: RequestContext,
    @Query({ schema: AuditVerificationQuery }) { organizationId }: AuditVerificationQuery,
  ): Promise<AuditVerification> {
    const { scope, chainId } = await this.scopes.chain(context, READ, organizationId);
    return this.verifyTrail.execute(scope, chainId);
  }

  @Get('export')
  @RequirePermission('audit-logs:export')
  @Describe({ summary: 'The filtered acts as a file, at most 100000', tag: TAG, query: AuditExportQuery })
  async export(
    @Context() context: RequestContext,
    @Query({ schema: AuditExportQuery }) query: AuditExportQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const entries = await this.exportTrail.execute(context, query);
    void reply.header('cache-control', 'no-store');
    return fileOf(query.format, entries);
  }

  @Get('retention')
  @RequirePermission('audit-logs:read')
  @Describe({ summary: 'How long acts are kept', tag: TAG, response: AuditRetention })
  getRetention(@Context() context: RequestContext): Promise<AuditRetention> {
    return this.retention.get(context);
  }

  @Put('retention')
  @RequirePermission('audit-logs:manage')
  @Describe({ summary: 'Change how long acts are kept', tag: TAG, body: AuditRetention, response: AuditRetention })
  setRetention(
    @Context() context: RequestContext,
    @Body({ schema: AuditRetention }) body: AuditRetention,
  ): Promise<AuditRetention> {
    return this.retention.set(context, body);
  }

  @Get(':id')
  @RequirePermission('audit-logs:read')
  @Describe({ summary: 'One act', tag: TAG, params: IdParams, response: AuditEntry })
  async one(@Context() context: RequestContext, @Param('id') id: string): Promise<AuditEntry> {
    return this.reader.one(await this.scopes.readable(context, READ, undefined), id.toLowerCase());
  }
}

function fileOf(format: AuditExportQuery['format'], entries: AsyncIterable<AuditEntry[]>): StreamableFile {
  const day = new Date().toISOString().slice(0, 10);
  return new StreamableFile(Readable.from(format === 'csv' ? asCsv(entries) : asJsonArray(entries)), {
    type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
    disposition: `attachment; filename="audit-${day}.${format}"`,
  });
}
