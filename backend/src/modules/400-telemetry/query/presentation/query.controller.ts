import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ExplainResponse, QueryResponse, TelemetryQuery } from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { Authenticated, Context, Describe, type RequestContext } from '../../../../shared/platform/index.js';
import { TelemetryQueryService } from '../engine/telemetry-query.service.js';
import type { ReadScope } from '../store.js';
import { sendAnswer } from './query-answer.js';
import { Reading } from './reading.js';
import { mustRead } from './signal-permission.js';

/** Each part demands the permission to read its signal. */
@Controller('api/v2/telemetry/query')
export class QueryController {
  constructor(private readonly queries: TelemetryQueryService) {}

  @Post()
  @HttpCode(200)
  @Authenticated()
  @Describe({ summary: 'Ask a query', tag: 'Telemetry', body: TelemetryQuery, response: QueryResponse })
  ask(
    @Body({ schema: TelemetryQuery }) query: TelemetryQuery,
    @Context() context: RequestContext,
    @Reading() scope: ReadScope,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    mustReadAll(query, context);
    return sendAnswer(reply, (options) => this.queries.answer(query, scope, options));
  }

  @Post('explain')
  @HttpCode(200)
  @Authenticated()
  @Describe({
    summary: 'See how a query would be answered',
    tag: 'Telemetry',
    body: TelemetryQuery,
    response: ExplainResponse,
  })
  explain(
    @Body({ schema: TelemetryQuery }) query: TelemetryQuery,
    @Context() context: RequestContext,
    @Reading() scope: ReadScope,
  ) {
    mustReadAll(query, context);
    return this.queries.explain(query, scope);
  }
}

function mustReadAll({ queries }: TelemetryQuery, context: RequestContext): void {
  mustRead(
    queries.map(({ signal }) => signal),
    context,
  );
}
