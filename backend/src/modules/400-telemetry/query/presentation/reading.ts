import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedRequest } from '../../../../shared/platform/index.js';
import { UnauthenticatedError } from '../../../../shared/platform/index.js';
import type { FastifyReply } from 'fastify';
import type { ReadScope } from '../store.js';

/** Whose telemetry the request may read, with a signal that is aborted when its client leaves before the answer. */
export const Reading = createParamDecorator((_: unknown, execution: ExecutionContext): ReadScope => {
  const http = execution.switchToHttp();
  const { requestContext } = http.getRequest<AuthenticatedRequest>();
  if (!requestContext) throw new UnauthenticatedError();
  const { raw } = http.getResponse<FastifyReply>();
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort(new Error('The client has gone'));
  });
  return { tenantId: requestContext.tenantId, workspaceId: requestContext.workspaceId, signal: gone.signal };
});
