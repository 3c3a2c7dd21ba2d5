import { createServer, request, type ClientRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { MemoryBudget } from '../memory-budget.js';
import { readBody, type ContentCoding } from './read-body.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Setting {
  readonly coding?: ContentCoding;
  readonly timeoutMs?: number;
  readonly budget?: MemoryBudget;
}

/** What reading the body that `send` sends comes to. */
async function read(
  send: (req: ClientRequest) => void,
  { coding = 'identity', timeoutMs = 5000, budget = new MemoryBudget(1 << 20) }: Setting,
) {
  const outcome = Promise.withResolvers<Buffer>();
  const server = createServer((req, res) => {
    const lease = budget.lease();
    outcome.resolve(
      readBody(req, coding, { maxBytes: 1 << 20, timeoutMs }, lease).finally(() => (lease.release(), res.end())),
    );
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const req = request({ port: (server.address() as AddressInfo).port, method: 'POST' });
  req.on('error', () => {});
  cleanups.push(() => (req.destroy(), server.closeAllConnections(), server.close()));
  send(req);
  return outcome.promise;
}

it('reads a body in pieces', async () => {
  const body = await read((req) => (req.write('one '), req.end('two')), {});
  expect(body.toString()).toBe('one two');
});

it('inflates a body of several gzip members', async () => {
  const body = await read((req) => req.end(Buffer.concat([gzipSync('one '), gzipSync('two')])), { coding: 'gzip' });
  expect(body.toString()).toBe('one two');
});

it('takes no body at all for an empty one', async () => {
  expect(await read((req) => req.end(), { coding: 'gzip' })).toHaveLength(0);
});

it('loses patience with a sender that never ends', async () => {
  await expect(read((req) => req.write('slowly'), { timeoutMs: 30 })).rejects.toMatchObject({ reason: 'timeout' });
});

it('notices a sender that leaves', async () => {
  const reading = read((req) => {
    req.setHeader('content-length', 100);
    req.write('half', () => req.destroy());
  }, {});
  await expect(reading).rejects.toMatchObject({ reason: 'bad_data' });
});

it('refuses what goes over the common budget and gives everything back', async () => {
  const budget = new MemoryBudget(1000);
  const reading = read((req) => req.end(gzipSync(Buffer.alloc(5000))), { coding: 'gzip', budget });
  await expect(reading).rejects.toMatchObject({ reason: 'overloaded', retryAfterSeconds: 1 });
  expect(budget.usedBytes).toBe(0);
});
