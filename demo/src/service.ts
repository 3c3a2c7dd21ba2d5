/** What every service of the shop shares: an HTTP server and client that are traced, measured and logged. */
import { type Attributes, type Span, SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Telemetry } from './telemetry.ts';

propagation.setGlobalPropagator(new W3CTraceContextPropagator());

/** An answer that is not 2xx; becomes the response's status and, from 500 on, the span's error. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export type Handler = (request: { url: URL; params: Record<string, string> }) => Promise<unknown>;

interface Match {
  readonly route: string;
  readonly handler: Handler;
  readonly params: Record<string, string>;
}

const severities = {
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
} as const;

export class Service {
  readonly telemetry: Telemetry;
  readonly #routes = new Map<string, Handler>();
  readonly #duration;
  readonly #active;
  #server: Server | undefined;
  #address = '';

  constructor(telemetry: Telemetry) {
    this.telemetry = telemetry;
    this.#duration = telemetry.meter.createHistogram('http.server.request.duration', {
      unit: 's',
      description: 'Duration of HTTP server requests.',
      advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
    });
    this.#active = telemetry.meter.createUpDownCounter('http.server.active_requests', {
      unit: '{request}',
      description: 'Number of active HTTP server requests.',
    });
  }

  /** Where it listens, once it does. */
  get address(): string {
    return this.#address;
  }

  get name(): string {
    return this.telemetry.service;
  }

  /** Adds a route, e.g. `POST /orders` or `GET /items/:id`. */
  on(route: string, handler: Handler): this {
    this.#routes.set(route, handler);
    return this;
  }

  async listen(): Promise<void> {
    const server = createServer((request, response) => {
      void this.#serve(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => (this.#server ? this.#server.close(resolve) : resolve(undefined)));
    await this.telemetry.shutdown();
  }

  /** Logs with the active span's context. */
  log(level: keyof typeof severities, body: string, attributes: Attributes = {}): void {
    this.telemetry.logger.emit({
      severityNumber: severities[level],
      severityText: level.toUpperCase(),
      body,
      attributes,
      context: context.active(),
    });
  }

  /** Runs `work` in a span; an exception becomes the span's error and passes on. */
  async inSpan<T>(
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    work: (span: Span) => Promise<T> | T,
  ): Promise<T> {
    return this.telemetry.tracer.startActiveSpan(name, { kind, attributes }, async (span) => {
      try {
        return await work(span);
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        const isOurFault = !(failure instanceof HttpError) || failure.status >= 500;
        if (isOurFault) {
          span.recordException(failure);
          span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
        }
        throw failure;
      } finally {
        span.end();
      }
    });
  }

  /** Calls another service over HTTP, with a client span and the trace context in the headers. */
  async call(from: Service, method: string, path: string, route: string): Promise<unknown> {
    const attributes = {
      'http.request.method': method,
      'url.full': `${this.#address}${path}`,
      'url.template': route,
      'server.address': this.name,
      'server.port': Number(new URL(this.#address).port),
      'peer.service': this.name,
    };
    return from.inSpan(`${method} ${route}`, SpanKind.CLIENT, attributes, async (span) => {
      const headers: Record<string, string> = {};
      propagation.inject(context.active(), headers);
      const response = await fetch(`${this.#address}${path}`, { method, headers, signal: AbortSignal.timeout(10_000) });
      span.setAttribute('http.response.status_code', response.status);
      const body = (await response.json()) as { error?: string };
      if (!response.ok) throw new HttpError(response.status, body.error ?? `${this.name} answered ${response.status}`);
      return body;
    });
  }

  async #serve(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const method = request.method ?? 'GET';
    const url = new URL(request.url ?? '/', this.#address);
    const match = this.#match(method, url.pathname);
    const route = match?.route ?? '';
    const attributes: Attributes = { 'http.request.method': method, 'http.route': route, 'url.scheme': 'http' };
    const parent = propagation.extract(context.active(), request.headers);
    const started = performance.now();
    this.#active.add(1, { 'http.request.method': method });
    return context.with(parent, () =>
      this.telemetry.tracer.startActiveSpan(
        `${method} ${route}`,
        {
          kind: SpanKind.SERVER,
          attributes: {
            ...attributes,
            'url.path': url.pathname,
            'user_agent.original': request.headers['user-agent'] ?? '',
          },
        },
        async (span) => {
          const answer = await this.#answer(match, url, span);
          span.setAttribute('http.response.status_code', answer.status);
          this.#active.add(-1, { 'http.request.method': method });
          this.telemetry.exemplars.record(
            this.#duration,
            'http.server.request.duration',
            (performance.now() - started) / 1000,
            {
              ...attributes,
              'http.response.status_code': answer.status,
            },
          );
          span.end();
          return answer;
        },
      ),
    );
  }

  async #answer(match: Match | undefined, url: URL, span: Span): Promise<{ status: number; body: unknown }> {
    if (!match) return { status: 404, body: { error: 'no such route' } };
    try {
      return { status: 200, body: (await match.handler({ url, params: match.params })) ?? {} };
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      const status = failure instanceof HttpError ? failure.status : 500;
      if (status >= 500) {
        span.recordException(failure);
        span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
        this.log('error', `${match.route} failed: ${failure.message}`, {
          'exception.type': failure.name,
          'exception.message': failure.message,
        });
      }
      return { status, body: { error: failure.message } };
    }
  }

  #match(method: string, path: string): Match | undefined {
    for (const [key, handler] of this.#routes) {
      const [routeMethod, route = ''] = key.split(' ');
      if (routeMethod !== method) continue;
      const pattern = new RegExp(`^${route.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
      const found = pattern.exec(path);
      if (found) return { route, handler, params: { ...found.groups } };
    }
    return undefined;
  }
}

/** The active span, for events and attributes from inside a handler. */
export function activeSpan(): Span | undefined {
  return trace.getActiveSpan();
}
