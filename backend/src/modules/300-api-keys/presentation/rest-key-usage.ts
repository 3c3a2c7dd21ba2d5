import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance } from 'fastify';
import { KeyUsage } from '../application/key-usage.js';
import { RestKeys } from '../application/rest-keys.js';

/** Counts what keys are used for on the API: every answer, refusals included, by route and status. */
@Injectable()
export class RestKeyUsage implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly keys: RestKeys,
    private readonly usage: KeyUsage,
  ) {}

  onModuleInit(): void {
    const fastify: FastifyInstance = this.host.httpAdapter.getInstance();
    fastify.addHook('onResponse', (request, { statusCode }, done) => {
      const apiKeyId = this.keys.keyOf(request.headers);
      if (apiKeyId !== undefined) {
        const endpoint = `${request.method} ${request.routeOptions.url ?? 'unmatched'}`;
        this.usage.answered(apiKeyId, endpoint, String(statusCode), statusCode >= 400, request.ip);
      }
      done();
    });
  }
}
