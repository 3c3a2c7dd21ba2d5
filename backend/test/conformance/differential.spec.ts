/**
 * Random messages, sent over every transport to the running server and read back from its store, against what an
 * independent decoder (protobufjs with the OTLP definitions) says they hold: field by field, attributes with their types,
 * events, links, exemplars, and what was refused.
 */
import fc from 'fast-check';
import type { Signal } from '@telemetryflow/otlp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REQUESTS } from '../../../packages/otlp/src/testing/arbitraries.js';
import { throughIdentities, type Resolved } from '../../../packages/otlp/src/testing/compare.js';
import { expectedRows } from '../../../packages/otlp/src/testing/expected-rows.js';
import type { Row } from '../../../packages/otlp/src/testing/rowbinary-reader.js';
import { eventually } from '../support/platform.js';
import { ObservedPlatform } from '../support/observed-platform.js';
import { encode, SIGNALS, TRANSPORTS, type Message, type OtlpReply } from '../support/otlp-client.js';

const SEED = Number(process.env['CONFORMANCE_SEED'] ?? 20_260_721);
const RUNS = Number(process.env['CONFORMANCE_RUNS'] ?? 3);
const REQUESTS_PER_RUN = { minLength: 10, maxLength: 30 };
/** How long a counterexample is made smaller at most. */
const SHRINK_MS = 15_000 + RUNS * 2_000;

/** Times that a request leaves open become this; the store's own answer is any time after the test began. */
const RECEIVED_AT_MS = 1;
const beganNs = BigInt(Date.now()) * 1_000_000n;
const HOUR_NS = 3_600_000_000_000n;

let server: ObservedPlatform;
beforeAll(async () => {
  server = await ObservedPlatform.start();
});
afterAll(() => server?.dispose());

/** Keeps zero and what overflows; everything else becomes a time of the last two days, so that partitions stay few. */
function recentTime(value: string): string {
  const time = BigInt(value);
  if (time === 0n || time >= 2n ** 63n) return value;
  return String(beganNs - HOUR_NS - (time % (48n * HOUR_NS)));
}

function withRecentTimes(value: unknown, name = ''): unknown {
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((element) => withRecentTimes(element));
  if (/TimeUnixNano$|^timeUnixNano$/.test(name)) return recentTime(value as string);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withRecentTimes(member, key)]));
}

const GROUPS: Record<Signal, string> = {
  traces: 'resourceSpans',
  logs: 'resourceLogs',
  metrics: 'resourceMetrics',
};

/** Gives every resource of the request a service name of its own kind, by which its rows are found. */
function named(signal: Signal, request: Message, service: string): Message {
  const groups = request[GROUPS[signal]] as Message[];
  const name = { key: 'service.name', value: { stringValue: service } };
  return {
    [GROUPS[signal]]: groups.map((group) => {
      const resource = (group['resource'] ?? {}) as Message;
      const attributes = [name, ...((resource['attributes'] ?? []) as Message[])];
      return { ...group, resource: { ...resource, attributes } };
    }),
  };
}

/** A row as text, in which an open time is open on both sides; floats and bigints keep their kind. */
function asText(row: unknown): string {
  return JSON.stringify(row, (_key, value: unknown) => {
    if (typeof value === 'bigint') {
      return value >= beganNs - HOUR_NS / 2n || value === 1_000_000n ? 'received' : `${value}n`;
    }
    if (typeof value === 'number' && !Number.isFinite(value)) return `number ${value}`;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Comparable rows in an order of their own; as objects, so that a difference is shown by its field. */
const inOrder = (rows: readonly Row[]): unknown[] =>
  rows
    .map(asText)
    .toSorted()
    .map((text) => JSON.parse(text) as unknown);

/** What the answer must say of the items that the oracle refuses. */
function checkAnswer(reply: OtlpReply, { rejections }: Resolved): void {
  const refused = [...rejections.values()].reduce((sum, n) => sum + n, 0);
  expect(reply).toMatchObject({ ok: true, status: undefined });
  expect(reply.partial?.rejected ?? 0).toBe(refused);
  if (rejections.size > 5) return;
  for (const [reason, items] of rejections) expect(reply.partial?.message).toContain(`${items}: ${reason}`);
}

let run = 0;
let compared = 0;

describe.each(TRANSPORTS)('%s', (transport) => {
  it.each(SIGNALS)(
    `the store holds what an independent decoder reads: %s (seed ${SEED})`,
    async (signal) => {
      const requests = fc.array(REQUESTS[signal], { ...REQUESTS_PER_RUN, size: 'max' });
      const spelling = fc.record({ upperCase: fc.boolean(), bareIntegers: fc.boolean(), snakeCase: fc.boolean() });
      const holds = fc.asyncProperty(requests, spelling, async (random, spell) => {
        run++;
        const sent = random.map((request, i) => {
          const service = `random-${run}-${i}`;
          const message = named(signal, withRecentTimes(request) as Message, service);
          const oracle = expectedRows(signal, encode('http/protobuf', signal, message), RECEIVED_AT_MS);
          return { service, message, expected: throughIdentities(oracle) };
        });
        await Promise.all(
          sent.map(async ({ message, expected }) =>
            checkAnswer(await server.client.send(transport, signal, message, { spelling: spell }), expected),
          ),
        );
        const services = sent.map(({ service }) => service);
        const items = sent.flatMap(({ expected }) => expected.items);
        const exemplars = sent.flatMap(({ expected }) => expected.exemplars);
        await server.stored(signal, services, items.length, exemplars.length);
        compared += items.length;
        const found = await eventually('what the rows lead to', () => server.store.resolved(signal, services));
        expect(inOrder(found.items)).toEqual(inOrder(items));
        expect(inOrder(found.exemplars)).toEqual(inOrder(exemplars));
      });
      compared = 0;
      await fc.assert(holds, { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: SHRINK_MS });
      expect(compared).toBeGreaterThan(10 * RUNS);
    },
    120_000,
  );
});
