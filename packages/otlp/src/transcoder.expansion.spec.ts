import { describe, expect, it } from 'vitest';
import { REASONS } from './rejections.js';
import { Transcoder } from './index.js';
import { options, request, span, text, TIME, wire } from './testing/requests.js';

/** What rows repeat is sent once: whoever sends it long and often would get gigabytes of rows for kilobytes. */
const KIB = 1024;

function rowBytes(signal: 'traces' | 'metrics' | 'logs', body: Uint8Array) {
  const { blocks, rejections, accepted } = new Transcoder().transcode(signal, 'protobuf', body, options());
  return { bytes: blocks.reduce((sum, block) => sum + block.bytes.length, 0), rejections, accepted };
}

const long = 'x'.repeat(64 * KIB);
const point = (i: number) => ({ timeUnixNano: TIME, asInt: i, attributes: [text('i', `${i}`)] });
const points = Array.from({ length: 2000 }, (_, i) => point(i));
const histogramPoints = points.map(({ timeUnixNano, attributes }) => ({ timeUnixNano, attributes, count: 1 }));

describe.each([
  ['spans of a service with a long name', 'traces' as const, () => Array.from({ length: 2000 }, () => span())],
  [
    'log records of a service with a long name',
    'logs' as const,
    () => Array.from({ length: 4000 }, () => ({ timeUnixNano: TIME })),
  ],
  [
    'points of a metric with a long description',
    'metrics' as const,
    () => [{ name: 'm', description: long, gauge: { dataPoints: points } }],
  ],
  [
    'histograms of a metric with a long unit',
    'metrics' as const,
    () => [{ name: 'm', unit: long, histogram: { aggregationTemporality: 2, dataPoints: histogramPoints } }],
  ],
])('%s', (_, signal, items) => {
  it('take no more room than 32 times what was sent and 1 MiB; the rest is refused with the reason', () => {
    const body = request(signal, items(), { attributes: [text('service.name', long)] });
    const { bytes, rejections, accepted } = rowBytes(signal, body);
    expect(accepted).toBeGreaterThan(10);
    expect(rejections.get(REASONS.batchTooLarge)).toBeGreaterThan(100);
    expect(bytes).toBeLessThan(2 * (KIB * KIB + 33 * body.length));
  });
});

it('what exporters send is never so large', () => {
  const service = { attributes: [text('service.name', 'a-service-with-quite-a-long-name-for-a-service')] };
  const metric = {
    name: 'm'.repeat(255),
    description: 'd'.repeat(300),
    unit: 'By',
    gauge: { dataPoints: [...points] },
  };
  for (let i = 0; i < 10; i++) metric.gauge.dataPoints.push(...points);
  expect(rowBytes('metrics', request('metrics', [metric], service)).rejections.size).toBe(0);
  const spans = Array.from({ length: 20_000 }, () => span());
  expect(rowBytes('traces', request('traces', spans, service)).rejections.size).toBe(0);
});

it('scopes without items cost nothing, however long the name of their service', () => {
  const name = 'x'.repeat(1024 * KIB);
  const attribute = wire.message(1, wire.text(1, 'service.name'), wire.message(2, wire.text(1, name)));
  const scopes = Buffer.alloc(2 * 200_000);
  for (let at = 0; at < scopes.length; at += 2) scopes[at] = 0x12;
  const body = wire.message(1, wire.message(1, attribute), scopes);
  const { spans_v3 } = { spans_v3: rowBytes('traces', body) };
  expect(spans_v3).toMatchObject({ bytes: 0, accepted: 0 });
});
