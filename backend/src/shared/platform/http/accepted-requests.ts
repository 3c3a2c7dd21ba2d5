import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../errors.js';

/** Methods whose body a route may read. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route takes `multipart/form-data`; it must demand more than a cookie. */
    takesForms?: boolean;
  }
}

/**
 * Refuses bodies that are not JSON, except where a route asks for forms: what a plain form of any web page can send is
 * never taken for a call. Other types than those of forms have no parser in the first place.
 */
export function installJsonOnly(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => {
    const type = request.headers['content-type'];
    if (type === undefined || !WITH_BODY.has(request.method) || /^application\/json\s*(?:;|$)/i.test(type))
      return done();
    if (request.routeOptions.config.takesForms === true && /^multipart\/form-data\s*;/i.test(type)) return done();
    done(new DomainError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json'));
  });
}

/**
 * Answers 405 with `Allow` where the address is known under other methods only. `isFallback` says which routes take
 * whatever no other route wants. Call before routes are added.
 */
export function installMethodNotAllowed(fastify: FastifyInstance, isFallback: (route: string) => boolean): void {
  const known: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  fastify.addHook('onRoute', ({ url, method }) => {
    if (!url.includes('*')) known.push({ pattern: patternOf(url), methods: [method].flat() });
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const route = request.routeOptions.url;
    if (route !== undefined && !isFallback(route)) return done();
    const allowed = allowedAt(pathOf(request));
    if (allowed.length === 0 || allowed.includes(request.method)) return done();
    void reply.header('allow', allowed.join(', '));
    done(new DomainError('METHOD_NOT_ALLOWED', `This address takes ${allowed.join(', ')} only`));
  });

  function allowedAt(path: string): string[] {
    return [...new Set(known.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].sort();
  }
}

function patternOf(url: string): RegExp {
  const segments = url
    .split('/')
    .map((segment) => (segment.startsWith(':') ? '[^/]+' : segment.replace(/[^\w-]/g, '\\$&')));
  return new RegExp(`^${segments.join('/')}/?$`);
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '';
}
