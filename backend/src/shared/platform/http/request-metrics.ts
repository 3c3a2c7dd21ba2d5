import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { MetricsRegistry } from '../metrics-registry.js';

/** Counts and times every request by route pattern, never by its concrete path. */
export function installRequestMetrics(fastify: FastifyInstance, metrics: MetricsRegistry): void {
  const labels = ['method', 'route', 'status_code'] as const;
  const total = metrics.counter('http_requests_total', 'HTTP requests answered', labels);
  const duration = metrics.durationMs('http_request_duration_ms', 'Time until a request was answered', labels);
  fastify.addHook('onResponse', (request, reply, done) => {
    const values = { method: request.method, route: routeOf(request), status_code: String(reply.statusCode) };
    total.inc(values);
    duration.observe(values, reply.elapsedTime);
    done();
  });
}

/** The pattern of the route, `/*` for the UI's files, or `unmatched`. */
function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? 'unmatched';
}
