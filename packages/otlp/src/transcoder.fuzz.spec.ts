import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { OtlpDecodeError, Transcoder, type Encoding, type Signal } from './index.js';
import { REQUESTS } from './testing/arbitraries.js';
import { toOtlpJson } from './testing/otlp-json.js';
import { REQUEST_TYPES } from './testing/otlp-proto.js';
import { options } from './testing/requests.js';
import { rowsByTable } from './testing/rowbinary-reader.js';

const SEED = 20250612;
const SAMPLES = 40;
const MUTATIONS = 100;

/** mulberry32: a small seeded generator. */
function random(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function mutate(body: Uint8Array, next: () => number): Uint8Array {
  const at = (): number => Math.floor(next() * body.length);
  const choice = next();
  if (choice < 0.2) return body.slice(0, at());
  const copy = Uint8Array.from(body);
  if (choice < 0.3) copy.copyWithin(at(), at(), at());
  else for (let flips = 1 + Math.floor(next() * 4); flips > 0; flips--) copy[at()]! ^= 1 << Math.floor(next() * 8);
  return copy;
}

/** The body between canaries: whatever is read beyond it would differ from run to run. */
function embed(body: Uint8Array, canary: number): Uint8Array {
  const whole = new Uint8Array(body.length + 64).fill(canary);
  whole.set(body, 32);
  return whole.subarray(32, 32 + body.length);
}

describe.each<[Signal, Encoding]>([
  ['traces', 'protobuf'],
  ['logs', 'protobuf'],
  ['metrics', 'protobuf'],
  ['traces', 'json'],
  ['logs', 'json'],
  ['metrics', 'json'],
])('mutated %s in %s', (signal, encoding) => {
  it(`either decodes, inside its bounds, or is refused as malformed (seed ${SEED})`, () => {
    const next = random(SEED);
    const transcoder = new Transcoder();
    const type = REQUEST_TYPES[signal];
    for (const sample of fc.sample(REQUESTS[signal], { seed: SEED, numRuns: SAMPLES })) {
      const body =
        encoding === 'protobuf'
          ? type.encode(type.fromObject(sample)).finish()
          : toOtlpJson(sample, { upperCase: false, bareIntegers: true, snakeCase: false });
      for (let i = 0; i < MUTATIONS; i++) {
        const mutated = mutate(body, next);
        const outcomes = [0x00, 0x12].map((canary) => attempt(transcoder, signal, encoding, embed(mutated, canary)));
        expect(outcomes[1]).toEqual(outcomes[0]);
      }
    }
  });
});

function attempt(transcoder: Transcoder, signal: Signal, encoding: Encoding, body: Uint8Array): unknown {
  const context = options();
  try {
    const result = transcoder.transcode(signal, encoding, body, context);
    const tables = rowsByTable(result.blocks);
    const items =
      tables.spans_v3.length + tables.logs_v3.length + tables.metrics_v3.length + tables.histograms_v3.length;
    expect(items).toBe(result.accepted);
    return {
      accepted: result.accepted,
      rejected: result.rejected,
      bytes: result.blocks.map((block) => block.bytes.length),
    };
  } catch (error) {
    if (!(error instanceof OtlpDecodeError)) throw error;
    return error.message;
  }
}
