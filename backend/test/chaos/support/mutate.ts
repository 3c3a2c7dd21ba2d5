/** Payloads that were valid once. A payload is a function of seed and number, so that each can be made again alone. */
import { below, pick, seeded, type Random } from './random.ts';

export interface Sample {
  readonly signal: 'traces' | 'logs' | 'metrics';
  readonly encoding: 'protobuf' | 'json';
  readonly body: Buffer;
}

const MAX_BYTES = 256 * 1024;
/** Lengths and counts that overflow, go backwards or promise more than is there. */
const VARINTS = [
  'ffffffff0f',
  'ffffffffffffffffff01',
  '80808080808080808000',
  '8080808010',
  'ffffff7f',
  '00',
  '8001',
].map((hex) => Buffer.from(hex, 'hex'));
const BYTES = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x08, 0x0a, 0x12, 0x22, 0x5b, 0x7b, 0x7d, 0x5c];
const WORDS = [
  '1e400',
  '-0',
  '"\\ud800"',
  '18446744073709551616',
  '-9223372036854775809',
  'null',
  '[]',
  '{}',
  '"NaN"',
  'tru',
  '\\u0000',
  '"',
  '0x10',
].map((word) => Buffer.from(word));

/** Seed of one payload. */
function mix(seed: number, number: number): number {
  return (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35)) | 0;
}

/** Payload `number` of a run: a sample after one change or a few. */
export function mutated(corpus: readonly Sample[], seed: number, number: number): Sample {
  const random = seeded(mix(seed, number));
  const sample = pick(random, corpus);
  let body = sample.body;
  for (let changes = pick(random, [1, 1, 1, 2, 3, 4]); changes > 0; changes -= 1) {
    body = pick(random, MUTATIONS)(body, random, corpus, sample).subarray(0, MAX_BYTES);
  }
  return { ...sample, body };
}

type Mutation = (body: Buffer, random: Random, corpus: readonly Sample[], sample: Sample) => Buffer;

const place = (body: Buffer, random: Random) => below(random, body.length + 1);

function replaced(body: Buffer, at: number, removed: number, added: Buffer): Buffer {
  return Buffer.concat([body.subarray(0, at), added, body.subarray(Math.min(body.length, at + removed))]);
}

const MUTATIONS: readonly Mutation[] = [
  function flipBits(body, random) {
    const copy = Buffer.from(body);
    for (let flips = 1 + below(random, 8); flips > 0 && copy.length > 0; flips -= 1) {
      copy[below(random, copy.length)]! ^= 1 << below(random, 8);
    }
    return copy;
  },
  function setByte(body, random) {
    const copy = Buffer.from(body);
    if (copy.length > 0) copy[below(random, copy.length)] = pick(random, BYTES);
    return copy;
  },
  (body, random) => body.subarray(0, place(body, random)),
  (body, random) => body.subarray(place(body, random)),
  function spliceOther(body, random, corpus) {
    const other = pick(random, corpus).body;
    const from = place(other, random);
    return replaced(body, place(body, random), below(random, 32), other.subarray(from, from + below(random, 200)));
  },
  function repeatPart(body, random) {
    const from = place(body, random);
    const part = body.subarray(from, from + below(random, 64));
    return replaced(body, from, 0, Buffer.concat(Array.from({ length: 1 + below(random, 20) }, () => part)));
  },
  function inflateLength(body, random, _, { encoding }) {
    return replaced(
      body,
      place(body, random),
      1 + below(random, 2),
      pick(random, encoding === 'json' ? WORDS : VARINTS),
    );
  },
  function nest(body, random, _, { encoding }) {
    const levels = below(random, 2000);
    if (encoding === 'json')
      return replaced(body, place(body, random), 0, Buffer.from('{"arrayValue":{"values":['.repeat(levels)));
    let nested = Buffer.from('0a0178', 'hex');
    for (let level = 0; level < Math.min(levels, 200); level += 1) {
      nested = Buffer.concat([Buffer.from([0x2a]), varint(nested.length), nested]);
    }
    return replaced(body, place(body, random), 0, nested);
  },
  function removePart(body, random) {
    return replaced(body, place(body, random), 1 + below(random, 40), Buffer.alloc(0));
  },
];

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}
