import type { IncomingMessage } from 'node:http';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';

const YEAR_SECONDS = 31_536_000;

/** Helmet's headers with our content policy: everything from here, styles also inline (Naive UI injects them). */
export async function installSecurityHeaders(fastify: FastifyInstance, config: Config): Promise<void> {
  await fastify.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        connectSrc: ["'self'", ownWebSocket],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity:
      config.NODE_ENV === 'production' ? { maxAge: YEAR_SECONDS, includeSubDomains: true, preload: true } : false,
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
    crossOriginEmbedderPolicy: false,
    // The API is also read by tools on other origins, as far as CORS lets them.
    crossOriginResourcePolicy: { policy: 'same-site' },
  });
}

/** Some browsers do not count the own host's WebSocket as 'self'. */
function ownWebSocket(request: IncomingMessage): string {
  const host = request.headers.host ?? '';
  return /^[A-Za-z0-9.[\]:-]{1,255}$/.test(host) ? `ws://${host} wss://${host}` : "'self'";
}
