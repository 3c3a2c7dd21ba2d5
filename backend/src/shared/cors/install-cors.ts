import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../platform/index.js';
import { originPolicy, type OriginPolicy } from './origin-policy.js';

const DEVELOPMENT_ORIGINS = ['http://localhost:5173', 'http://127.0.0.1:5173'];
const PREFLIGHT_SECONDS = 600;

/** The foreign origins that the operator let in. The own origin needs no entry: a browser asks nothing for it. */
export function configuredOrigins(config: Config): OriginPolicy {
  const development = config.NODE_ENV === 'development' ? DEVELOPMENT_ORIGINS : [];
  const frontend = URL.canParse(config.FRONTEND_URL) ? [new URL(config.FRONTEND_URL).origin] : [];
  return originPolicy([...config.CORS_ORIGIN.split(','), ...frontend, ...development]);
}

/** Answers preflights and marks answers for the configured origins; others get no CORS header. */
export async function installCors(fastify: FastifyInstance, config: Config): Promise<void> {
  const policy = configuredOrigins(config);
  await fastify.register(cors, {
    origin: (origin, done) => done(null, origin !== undefined && policy.allows(origin)),
    credentials: !policy.anyOrigin,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [
      'X-Request-ID',
      'X-RateLimit-Limit',
      'X-RateLimit-Remaining',
      'X-RateLimit-Reset',
      'Retry-After',
      'Location',
    ],
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: false,
  });
}
