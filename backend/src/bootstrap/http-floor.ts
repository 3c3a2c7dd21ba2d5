import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import { constants } from 'node:zlib';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { CacheService, RedisRateLimitStore } from '../shared/cache/index.js';
import { installCors } from '../shared/cors/index.js';
import { installRequestLog } from '../shared/logger/index.js';
import type { SelfTracing } from '../shared/otel/index.js';
import { MetricsRegistry, NotFoundError, playsRole, runInScope, type Runtime } from '../shared/platform/index.js';
import { installJsonOnly, installMethodNotAllowed } from '../shared/platform/http/accepted-requests.js';
import { installRateLimit, MemoryRateLimitStore } from '../shared/platform/http/rate-limit.js';
import { networkOf } from '../shared/platform/network-of.js';
import { rateLimitIdentity } from '../shared/platform/http/rate-limit-identity.js';
import { installRequestMetrics } from '../shared/platform/http/request-metrics.js';
import { installSecurityHeaders } from '../shared/platform/http/security-headers.js';
import { installUi } from '../shared/ui/index.js';

const COMPRESS_FROM_BYTES = 1024;
/** The default quality 11 costs more time than it saves on answers that are compressed once. */
const BROTLI_QUALITY = 4;

/**
 * What every request passes before its route, in this order: request id and scope, tracing, request metrics and log, security
 * headers, CORS, compression, rate limit, method and content type. Behind all routes: the UI.
 */
export async function installHttpFloor(
  app: NestFastifyApplication,
  runtime: Runtime,
  logger: Logger,
  tracing: SelfTracing,
): Promise<void> {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  const { config } = runtime;
  installRequestScope(fastify);
  tracing.install(fastify);
  installRequestMetrics(fastify, app.get(MetricsRegistry));
  installRequestLog(fastify, logger);
  await installSecurityHeaders(fastify, config);
  await installCors(fastify, config);
  await fastify.register(cookie);
  await fastify.register(compress, {
    threshold: COMPRESS_FROM_BYTES,
    encodings: ['br', 'gzip'],
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } },
    globalDecompression: false,
  });
  const memory = new MemoryRateLimitStore();
  const { redis } = app.get(CacheService);
  installRateLimit(fastify, {
    limit: config.THROTTLE_LIMIT,
    windowMs: config.THROTTLE_TTL * 1000,
    store: redis === undefined ? memory : new RedisRateLimitStore(redis, memory),
    identify: (request) => rateLimitIdentity(request, runtime.jwtSecret),
    applies: (path) => path.startsWith('/api/v2/'),
  });
  installMethodNotAllowed(fastify, isUi);
  installJsonOnly(fastify);
  if (playsRole(config, 'api')) await installUi(fastify);
  else refuseApi(fastify);
}

/** The UI answers every address that nothing else does; CORS asks about any. */
function isUi(route: string): boolean {
  return route === '/*' || route === '*';
}

/** Everything that happens for a request knows its id. */
function installRequestScope(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    request.scope = { requestId: request.id, client: networkOf(request.ip) };
    runInScope(request.scope, done);
  });
  // Reading a body continues from the socket's events, which know nothing of the request.
  fastify.addHook('preValidation', (request, _reply, done) => runInScope(request.scope, done));
}

/** A node without the role `api` answers health, its metrics and ingest, and nothing else. */
function refuseApi(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (/^\/(?:health|metrics)(?:[/?]|$)/.test(request.url)) return done();
    done(new NotFoundError('The API on this node, which does not play the role api,'));
  });
}
