import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { AuthenticatedRequest } from '../platform/index.js';

/** Paths whose requests are not worth a line each: probes, scrapes and the UI's files. */
function isQuiet(request: FastifyRequest): boolean {
  const path = request.routeOptions.url ?? request.url;
  return !path.startsWith('/api/') || path.startsWith('/api/docs');
}

/** One line per answered API request, at a level that follows from its status. */
export function installRequestLog(fastify: FastifyInstance, logger: Logger): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const status = reply.statusCode;
    if (status < 500 && isQuiet(request)) return done();
    const level = status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info';
    const path = request.url.split('?', 1)[0] ?? '';
    logger[level](
      {
        requestId: request.id,
        method: request.method,
        path,
        status,
        durationMs: Math.round(reply.elapsedTime * 100) / 100,
        ip: request.ip,
        ...callerOf(request),
      },
      `${request.method} ${path} ${status}`,
    );
    done();
  });
}

/** Hashed: the log tells requests of one person from another's, and names no one. */
function callerOf(request: FastifyRequest & AuthenticatedRequest): { userHash?: string; tenantId?: string } {
  const context = request.requestContext;
  if (context === undefined) return {};
  const userHash = createHash('sha256').update(context.actor.id).digest('hex').slice(0, 16);
  return { userHash, tenantId: context.tenantId };
}
