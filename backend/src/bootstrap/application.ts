import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from '../app.module.js';
import { NestLogger } from '../shared/logger/index.js';
import type { SelfTracing } from '../shared/otel/index.js';
import type { Runtime } from '../shared/platform/index.js';
import { problemOf } from '../shared/platform/http/problem.js';
import { requestIdOf } from '../shared/platform/http/request-id.js';
import { installHttpFloor } from './http-floor.js';

const BODY_LIMIT_BYTES = 1024 ** 2;

/** Answers a request before the application sees it; false lets the application have it. */
export type FrontDoor = (request: IncomingMessage, response: ServerResponse) => boolean;

/** The router refuses some addresses before any hook runs; they get the same kind of answer. */
function answerFrameworkError(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  const { problem } = problemOf(error, { instance: '', requestId: request.id });
  void reply.status(problem.status).type('application/problem+json; charset=utf-8').send(JSON.stringify(problem));
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

function behindFrontDoor(frontDoor: FrontDoor): (handler: Handler) => Server {
  return (handler) =>
    createServer({ shouldUpgradeCallback: opensSocket }, (request, response) => {
      if (!frontDoor(request, response)) handler(request, response);
    });
}

/** Clients that offer HTTP/2 (`Upgrade: h2c`) are answered as if they had not. */
function opensSocket({ url = '' }: IncomingMessage): boolean {
  return url.startsWith('/socket.io/');
}

/**
 * Builds the application on Fastify; it does not listen yet. `frontDoor` takes the ingest paths away before any hook or
 * parser of the framework runs.
 */
export async function createApplication(
  runtime: Runtime,
  logger: Logger,
  frontDoor: FrontDoor,
  tracing: SelfTracing,
): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter<Server>({
    logger: false,
    trustProxy: runtime.config.TRUST_PROXY ? (_address, hop) => hop === 0 : false,
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: (request: { headers: IncomingHttpHeaders }) => requestIdOf(request.headers),
    requestTimeout: 60_000,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 256 },
    frameworkErrors: answerFrameworkError,
    serverFactory: behindFrontDoor(frontDoor),
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.forRoot(runtime, logger), adapter, {
    logger: new NestLogger(logger),
    abortOnError: false,
    forceCloseConnections: true,
  });
  await installHttpFloor(app, runtime, logger, tracing);
  return app;
}
