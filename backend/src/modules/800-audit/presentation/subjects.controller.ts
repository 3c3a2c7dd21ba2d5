import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  AuditPage,
  AuditQuery,
  ErasureRequest,
  ErasureResponse,
  IdParams,
  SubjectAccess,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import {
  Authenticated,
  Context,
  Describe,
  type RequestContext,
  RequirePermission,
} from '../../../shared/platform/index.js';
import { EraseUser } from '../application/commands/erase-user.js';
import { AuditReader } from '../application/queries/audit-reader.js';
import { ExportSubject } from '../application/queries/export-subject.js';

const TAG = 'Personal data';

/** What the platform knows of a person: seen, taken along, forgotten. */
@Controller('api/v2/users')
export class SubjectsController {
  constructor(
    private readonly reader: AuditReader,
    private readonly exportSubject: ExportSubject,
    private readonly eraseUser: EraseUser,
  ) {}

  @Get('me/audit')
  @Authenticated()
  @Describe({ summary: 'What I did, and what was done to me', tag: TAG, query: AuditQuery, response: AuditPage })
  ownTrail(@Context() context: RequestContext, @Query({ schema: AuditQuery }) query: AuditQuery): Promise<AuditPage> {
    return this.reader.pageAbout(context.actor.id, query);
  }

  @Get('me/data-export')
  @Authenticated()
  @Describe({ summary: 'All that is kept of me', tag: TAG, response: SubjectAccess })
  async ownData(
    @Context() context: RequestContext,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubjectAccess> {
    return asFile(reply, await this.exportSubject.own(context));
  }

  @Get(':id/data-export')
  @RequirePermission('audit-logs:manage')
  @Describe({ summary: 'All that is kept of a user', tag: TAG, params: IdParams, response: SubjectAccess })
  async data(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SubjectAccess> {
    return asFile(reply, await this.exportSubject.of(context, id.toLowerCase()));
  }

  @Post(':id/erase')
  @HttpCode(200)
  @RequirePermission('audit-logs:manage')
  @Describe({
    summary: 'Forget a user for good; a pseudonym stays',
    tag: TAG,
    params: IdParams,
    body: ErasureRequest,
    response: ErasureResponse,
  })
  erase(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: ErasureRequest }) body: ErasureRequest,
  ): Promise<ErasureResponse> {
    return this.eraseUser.execute(context, id.toLowerCase(), body);
  }
}

function asFile(reply: FastifyReply, data: SubjectAccess): SubjectAccess {
  const name = `personal-data-${data.exportedAt.slice(0, 10)}.json`;
  void reply.header('content-disposition', `attachment; filename="${name}"`).header('cache-control', 'no-store');
  return data;
}
