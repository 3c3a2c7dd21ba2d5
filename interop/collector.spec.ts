/** Telemetry through an OpenTelemetry Collector, over each of its exporters, is stored as if it had come straight. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gauge, id, logRecord, nowNano, requestOf, span, sum, text } from '../backend/test/conformance/requests.js';
import { ObservedPlatform } from '../backend/test/support/observed-platform.js';
import { OtlpClient, SIGNALS, type Message } from '../backend/test/support/otlp-client.js';
import { eventually } from '../backend/test/support/platform.js';
import { ready } from './programs.js';

let server: ObservedPlatform;
let dir: string;
beforeAll(async () => {
  server = await ObservedPlatform.start();
  dir = await mkdtemp(join(tmpdir(), 'tf-collector-'));
});
afterAll(async () => {
  await server?.dispose();
  await rm(dir, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => {
    probe.listen(0, '127.0.0.1', resolve);
  });
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => {
    probe.close(resolve);
  });
  return port;
}

function configuration(httpPort: number, grpcPort: number, exporter: string, options: readonly string[]): string {
  const { keyId, keySecret } = server.client.key;
  const pipeline = `{ receivers: [otlp], processors: [batch], exporters: [${exporter}] }`;
  return [
    'receivers:',
    '  otlp:',
    '    protocols:',
    `      http: { endpoint: "127.0.0.1:${httpPort}" }`,
    `      grpc: { endpoint: "127.0.0.1:${grpcPort}" }`,
    'processors:',
    '  batch: { timeout: 50ms }',
    'exporters:',
    `  ${exporter}:`,
    `    headers: { x-api-key-id: "${keyId}", x-api-key-secret: "${keySecret}" }`,
    ...options.map((line) => `    ${line}`),
    'service:',
    '  telemetry: { metrics: { level: none } }',
    '  pipelines:',
    ...SIGNALS.map((signal) => `    ${signal}: ${pipeline}`),
  ].join('\n');
}

/** Runs `work` against a Collector with that exporter; it has sent everything when this resolves. */
async function withCollector(
  exporter: string,
  options: readonly string[],
  work: (client: OtlpClient) => Promise<void>,
): Promise<void> {
  const [httpPort, grpcPort] = [await freePort(), await freePort()];
  const file = join(dir, `${httpPort}.yaml`);
  await writeFile(file, configuration(httpPort, grpcPort, exporter, options));
  const child = spawn(ready['collector']!.command!, ['--config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  try {
    await eventually(
      'the Collector',
      async () => (words.includes('Everything is ready') || child.exitCode !== null ? true : undefined),
      30_000,
    );
    expect(child.exitCode).toBeNull();
    const address = { otlpHttpUrl: `http://127.0.0.1:${httpPort}`, otlpGrpcTarget: `127.0.0.1:${grpcPort}` };
    await work(new OtlpClient(address, server.client.key));
  } catch (error) {
    throw new Error(`the Collector said:\n${words}`, { cause: error });
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
  expect(words).not.toMatch(/Exporting failed|dropped_items/i);
}

/** One item of each kind with everything that a Collector could lose on the way. */
function messages(service: string): Record<(typeof SIGNALS)[number], Message> {
  const ids = { traceId: id(16), spanId: id(8) };
  const attributes = [
    text('text', 'Grüße'),
    { key: 'int', value: { intValue: '9007199254740993' } },
    { key: 'double', value: { doubleValue: 0.1 } },
    { key: 'bytes', value: { bytesValue: Buffer.from([0, 255]) } },
    { key: 'nothing', value: {} },
    { key: 'list', value: { arrayValue: { values: [{ intValue: '1' }, { stringValue: 'a' }] } } },
    { key: 'map', value: { kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } } },
  ];
  const envelope = {
    resource: { attributes: [text('team', 'shop')], droppedAttributesCount: 1 },
    scope: { name: 'library', version: '2', attributes: [text('s', 't')], droppedAttributesCount: 2 },
    resourceSchemaUrl: 'https://opentelemetry.io/schemas/1.30.0',
    scopeSchemaUrl: 'https://opentelemetry.io/schemas/1.31.0',
  };
  const spanItem = span({
    attributes,
    flags: 0x301,
    traceState: 'a=b',
    droppedAttributesCount: 3,
    droppedEventsCount: 4,
    droppedLinksCount: 5,
    status: { code: 2, message: 'failed' },
    events: [{ timeUnixNano: nowNano(), name: 'tick', attributes, droppedAttributesCount: 6 }],
    links: [{ ...ids, traceState: 'c=d', attributes, droppedAttributesCount: 7, flags: 0x101 }],
  });
  const exemplars = [{ timeUnixNano: nowNano(), asInt: '7', ...ids, filteredAttributes: attributes }];
  const times = { startTimeUnixNano: nowNano(), timeUnixNano: nowNano() };
  const totals = { count: '3', sum: 6.5, min: 0.5, max: 4 };
  const metrics = [
    gauge({ attributes, exemplars }, { unit: 'Cel', description: 'warm', metadata: [text('m', 'n')] }),
    { ...sum({ asInt: '-9007199254740993' }, { isMonotonic: false }), name: 'queue' },
    {
      name: 'histogram',
      histogram: {
        aggregationTemporality: 1,
        dataPoints: [{ ...times, ...totals, explicitBounds: [1, 2], bucketCounts: ['1', '1', '1'] }],
      },
    },
    {
      name: 'exponential',
      exponentialHistogram: {
        aggregationTemporality: 2,
        dataPoints: [
          {
            ...times,
            ...totals,
            scale: -2,
            zeroCount: '1',
            zeroThreshold: 1e-6,
            positive: { offset: -3, bucketCounts: ['1'] },
            negative: { offset: 2, bucketCounts: ['1'] },
          },
        ],
      },
    },
    {
      name: 'summary',
      summary: { dataPoints: [{ ...times, count: '2', sum: 3, quantileValues: [{ quantile: 0.5, value: 1.5 }] }] },
    },
  ];
  return {
    traces: requestOf('traces', service, [spanItem], envelope),
    logs: requestOf('logs', service, [logRecord({ ...ids, attributes, flags: 1, eventName: 'e' })], envelope),
    metrics: requestOf('metrics', service, metrics, envelope),
  };
}

const ITEMS = { traces: 1, logs: 1, metrics: 5 } as const;
const withoutService = (rows: unknown, service: string): string[] => {
  const texts = (rows as unknown[]).map((row) =>
    JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)),
  );
  return texts.map((row) => row.replaceAll(service, 'service')).toSorted();
};

describe.skipIf(!('collector' in ready))('the Collector', () => {
  const grpc = (compression: string) =>
    [
      'otlp',
      () => [`endpoint: ${server.platform.otlpGrpcTarget}`, 'tls: { insecure: true }', `compression: ${compression}`],
    ] as const;
  const http = (encoding: string, compression: string) =>
    [
      'otlphttp',
      () => [`endpoint: ${server.platform.otlpHttpUrl}`, `encoding: ${encoding}`, `compression: ${compression}`],
    ] as const;
  it.each([
    ['otlp, none', ...grpc('none')],
    ['otlp, gzip', ...grpc('gzip')],
    ['otlphttp, protobuf, none', ...http('proto', 'none')],
    ['otlphttp, protobuf, gzip', ...http('proto', 'gzip')],
    ['otlphttp, protobuf, zstd', ...http('proto', 'zstd')],
    ['otlphttp, protobuf, deflate', ...http('proto', 'deflate')],
    ['otlphttp, json, gzip', ...http('json', 'gzip')],
  ] as const)('hands on what it was given: %s', async (name, exporter, options) => {
    const key = name.replaceAll(/[^a-z]+/g, '-');
    const [straight, through] = [`straight-${key}`, `through-${key}`];
    const sent = messages(straight);
    for (const signal of SIGNALS) await server.client.send('http/protobuf', signal, sent[signal]);
    const renamed = (request: Message): Message => replaceService(request, straight, through) as Message;
    await withCollector(exporter, options(), async (collector) => {
      for (const signal of SIGNALS) {
        expect(await collector.send('grpc', signal, renamed(sent[signal]))).toMatchObject({ ok: true });
      }
      for (const signal of SIGNALS) {
        const exemplars = signal === 'metrics' ? 1 : 0;
        const expected = await server.read(signal, straight, ITEMS[signal], exemplars);
        const found = await server.read(signal, through, ITEMS[signal], exemplars);
        expect(withoutService(found.items, through)).toEqual(withoutService(expected.items, straight));
        expect(withoutService(found.exemplars, through)).toEqual(withoutService(expected.exemplars, straight));
      }
    });
  });
});

function replaceService(value: unknown, from: string, to: string): unknown {
  if (value === from) return to;
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => replaceService(element, from, to));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replaceService(member, from, to)]));
}
