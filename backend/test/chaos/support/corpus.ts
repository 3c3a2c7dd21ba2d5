/** Valid requests of every signal and encoding to start from: drawn at random, and the payloads that load tests send. */
import fc from 'fast-check';
import { REQUESTS } from '../../../../packages/otlp/src/testing/arbitraries.ts';
import { toOtlpJson } from '../../../../packages/otlp/src/testing/otlp-json.ts';
import { REQUEST_TYPES } from '../../../../packages/otlp/src/testing/otlp-proto.ts';
import type { Sample } from './mutate.ts';
import { Payloads, SERVICE, SIGNALS, TRACE_PREFIX } from './payloads.ts';

const LARGEST_BYTES = 4096;

export function corpusOf(seed: number, perSignal = 40): Sample[] {
  const payloads = new Payloads({ items: 8, baseNs: BigInt(Date.now()) * 1_000_000n });
  return SIGNALS.flatMap((signal, index) => {
    const drawn = fc.sample(REQUESTS[signal], { seed, numRuns: perSignal }).flatMap((request): Sample[] => {
      const type = REQUEST_TYPES[signal];
      const spelling = { upperCase: false, bareIntegers: true, snakeCase: false };
      return [
        { signal, encoding: 'protobuf', body: Buffer.from(type.encode(type.fromObject(request)).finish()) },
        { signal, encoding: 'json', body: toOtlpJson(request, spelling) },
      ];
    });
    const sent = (['protobuf', 'json'] as const).map((encoding): Sample => {
      const body = payloads.body(index, encoding, BigInt(Date.now()) * 1_000_000n);
      return { signal, encoding, body: disowned(body) };
    });
    const small = drawn.filter(({ body }) => body.length <= LARGEST_BYTES);
    // Half of all: what is drawn tries the corners, and many of its items are refused before they are changed.
    return [...small, ...Array.from({ length: Math.ceil(small.length / 2) }, () => sent).flat()];
  });
}

/** The same request under other names of the same length: what is mutated must not be counted as what was sent. */
function disowned(body: Buffer): Buffer {
  const renamed = body
    .toString('latin1')
    .replaceAll(SERVICE, 'fuzzy')
    .replaceAll(TRACE_PREFIX.toString('latin1'), 'fuzzyfuz')
    .replaceAll(TRACE_PREFIX.toString('hex'), 'f1'.repeat(TRACE_PREFIX.length));
  return Buffer.from(renamed, 'latin1');
}
