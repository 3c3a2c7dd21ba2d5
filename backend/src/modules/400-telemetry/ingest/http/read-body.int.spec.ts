import { createServer, request, type ClientRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { MemoryBudget } from '../memory-budget.js';
import { Deadlines } from '../deadlines.js';
import { readBody } from './read-body.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

interface Setting {
  readonly timeoutMs?: number;
  readonly budget?: MemoryBudget;
}

/** What reading the body that `send` sends comes to. */
async function read(
  send: (req: ClientRequest) => void,
  { timeoutMs = 5000, budget = new MemoryBudget(1 << 20) }: Setting,
) {
  const outcome = Promise.withResolvers<Buffer>();
  const server = createServer((req, res) => {
    const lease = budget.lease();
    outcome.resolve(
      readBody(req, { maxBytes: 1 << 20, timeoutMs }, lease, new Deadlines()).finally(
        () => (lease.release(), res.end()),
      ),
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

it('takes no body at all for an empty one', async () => {
  expect(await read((req) => req.end(), {})).toHaveLength(0);
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

it('refuses what could never fit into the common budget and gives everything back', async () => {
  const budget = new MemoryBudget(1000);
  const reading = read((req) => req.end(Buffer.alloc(5000)), { budget });
  await expect(reading).rejects.toMatchObject({ reason: 'overloaded', retryAfterSeconds: 1 });
  expect(budget.usedBytes).toBe(0);
});

it('waits for memory that others hold, without reading on', async () => {
  const budget = new MemoryBudget(100_000);
  const other = budget.lease();
  other.grow(99_000);
  const reading = read((req) => req.end(Buffer.alloc(50_000)), { budget });
  await vi.waitFor(() => expect(budget.waiting).toBe(1), { timeout: 10_000 });
  other.release();
  expect(await reading).toHaveLength(50_000);
  expect(budget.usedBytes).toBe(0);
});

it('refuses what waited for memory in vain', async () => {
  const budget = new MemoryBudget(100_000);
  budget.lease().grow(99_000);
  const reading = read((req) => req.end(Buffer.alloc(50_000)), { budget });
  await expect(reading).rejects.toMatchObject({ reason: 'overloaded' });
  expect([budget.usedBytes, budget.waiting]).toEqual([99_000, 0]);
});
