import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RequestOrigin } from '../application/request-origin.js';

export function originOf(request: FastifyRequest): RequestOrigin {
  return { requestId: request.id, ip: request.ip, userAgent: request.headers['user-agent'] ?? '' };
}

/** Where the request came from, for routes that nobody has signed in to yet. */
export const Origin = createParamDecorator((_: unknown, execution: ExecutionContext): RequestOrigin =>
  originOf(execution.switchToHttp().getRequest<FastifyRequest>()),
);
