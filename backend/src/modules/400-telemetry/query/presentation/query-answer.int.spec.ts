import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { StreamableFile } from '@nestjs/common';
import type { QueryMeta, QueryResult } from '@telemetryflow/contracts';
import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { sendAnswer } from './query-answer.js';

const STALLED_MS = 100;
/** More than all the buffers between a server and its client take. */
const GROUPS = 20_000;
const LABEL = 'x'.repeat(2_000);
const meta = { cache: 'miss' } as QueryMeta;
let server: FastifyInstance;
afterEach(() => server?.close());

/** How many groups of the answer were made into text. */
let written = 0;
function largeResult(): QueryResult {
  const label = Object.assign(Object(LABEL), {
    toJSON() {
      written += 1;
      return LABEL;
    },
  }) as string;
  const groups = Array.from({ length: GROUPS }, () => ({ labels: [label], values: [1, 2] }));
  const columns = [{ name: 'count', unit: '1' }];
  return { label: 'A', kind: 'groups', groupBy: ['k'], columns, groups, totalGroups: GROUPS, truncated: false };
}

/** A server that answers with a large result as soon as `ready`, and the response to whoever asks it. */
async function serve(
  ready: (reply: FastifyReply) => Promise<unknown>,
  onLarge?: (result: QueryResult) => void,
): Promise<{ response: Promise<ServerResponse> }> {
  written = 0;
  const asked = Promise.withResolvers<ServerResponse>();
  server = fastify();
  server.get('/', async (_, reply) => {
    asked.resolve(reply.raw);
    const answer = await sendAnswer(
      reply,
      async ({ onResult }) => {
        onResult?.({ ...largeResult(), label: 'B', groups: [] } as QueryResult);
        await ready(reply);
        const result = largeResult();
        onLarge?.(result);
        onResult?.(result);
        return { results: [result], meta };
      },
      STALLED_MS,
    );
    return reply.send(answer instanceof StreamableFile ? answer.getStream() : answer);
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  return { response: asked.promise };
}
const port = () => (server.server.address() as AddressInfo).port;

it.each(['application/x-ndjson', 'application/json'])('leaves a client that stops reading %s', async (accept) => {
  const { response } = await serve(async () => undefined);
  const client = connect(port(), '127.0.0.1').on('error', () => undefined);
  client.pause();
  client.write(`GET / HTTP/1.1\r\nHost: x\r\nAccept: ${accept}\r\n\r\n`);
  const raw = await response;
  if (!raw.closed) await once(raw, 'close');
  expect(raw.writableFinished).toBe(false);
  expect(written).toBeLessThan(GROUPS);
  client.destroy();
});

it('keeps a client that waits for the store, and one that reads gets everything', async () => {
  await serve(({ raw }) => once(raw, 'timeout'));
  const response = await fetch(`http://127.0.0.1:${port()}/`, { headers: { accept: 'application/x-ndjson' } });
  const lines = (await response.text()).trimEnd().split('\n');
  expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ type: 'meta', meta });
  expect(written).toBe(GROUPS);
});

it('holds nothing of what a client has taken', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let first: WeakRef<object> | undefined;
  let last: WeakRef<object> | undefined;
  const seen = Promise.withResolvers<boolean[]>();
  await serve(
    async (reply) => {
      // Before the one that leaves the client.
      reply.raw.prependListener('timeout', () => {
        collect();
        seen.resolve([first, last].map((group) => group?.deref() !== undefined));
      });
    },
    (result) => {
      if (result.kind === 'groups')
        [first, last] = [result.groups[0], result.groups.at(-1)].map((group) => group && new WeakRef(group));
    },
  );
  const client = connect(port(), '127.0.0.1').on('error', () => undefined);
  client.pause();
  client.write('GET / HTTP/1.1\r\nHost: x\r\nAccept: application/x-ndjson\r\n\r\n');
  expect(await seen.promise).toEqual([false, true]);
  client.destroy();
});
