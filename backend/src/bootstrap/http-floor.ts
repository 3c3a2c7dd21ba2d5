import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import { runInScope, type Runtime } from '../shared/platform/index.js';

/**
 * What every request passes before its route, in this order: request id and scope, security headers, CORS, compression,
 * rate limit, request log.
 */
export async function installHttpFloor(app: NestFastifyApplication, runtime: Runtime, logger: Logger): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    runInScope({ requestId: request.id }, done);
  });
}
