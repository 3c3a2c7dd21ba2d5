import 'reflect-metadata';
import { once } from 'node:events';
import { get as httpGet } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ReadScope } from '../store.js';
import { Reading } from './reading.js';

const arrived = Promise.withResolvers<ReadScope>();

@Controller()
class WaitingController {
  @Get('wait')
  async wait(@Reading() scope: ReadScope) {
    arrived.resolve(scope);
    if (scope.signal !== undefined) await once(scope.signal, 'abort');
    return '';
  }

  @Get('answer')
  answer(@Reading() scope: ReadScope) {
    return { tenantId: scope.tenantId };
  }
}

let app: NestFastifyApplication;
let port: number;

beforeAll(async () => {
  const module = await Test.createTestingModule({ controllers: [WaitingController] }).compile();
  const adapter = new FastifyAdapter();
  app = module.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
  adapter.getInstance().addHook('preHandler', async (incoming) => {
    Object.assign(incoming, { requestContext: { tenantId: 't' } });
  });
  await app.listen(0, '127.0.0.1');
  port = (app.getHttpServer().address() as AddressInfo).port;
});
afterAll(() => app?.close());

it('aborts when the client leaves before the answer', async () => {
  const client = httpGet({ port, host: '127.0.0.1', path: '/wait' });
  client.on('error', () => undefined);
  const { signal } = await arrived.promise;
  expect(signal?.aborted).toBe(false);
  const aborted = signal === undefined ? Promise.reject(new Error('no signal')) : once(signal, 'abort');
  client.destroy();
  await aborted;
  expect(signal?.aborted).toBe(true);
});

it('lets an answer through', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/answer`);
  expect(await response.json()).toEqual({ tenantId: 't' });
});
