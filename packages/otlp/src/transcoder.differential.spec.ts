import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SegmentIdentities, Transcoder, uuidToRowBinary, type Signal, type TranscodeOptions } from './index.js';
import { REQUESTS as SCHEMAS } from './schema/otlp.js';
import { REQUESTS } from './testing/arbitraries.js';
import { inTableOrder, resolve, snapshot, throughIdentities } from './testing/compare.js';
import { expectedRows } from './testing/expected-rows.js';
import { toOtlpJson } from './testing/otlp-json.js';
import { REQUEST_TYPES } from './testing/otlp-proto.js';
import { mergeSplitMessages } from './wire/merge-split.js';

const receivedAtMs = 1_750_000_000_123;
const tenantId = uuidToRowBinary('01890a5d-ac96-774b-bcce-b302099a8057');
const fresh = (): TranscodeOptions => ({ tenantId, receivedAtMs, identities: new SegmentIdentities() });
const spelling = fc.record({ upperCase: fc.boolean(), bareIntegers: fc.boolean(), snakeCase: fc.boolean() });

describe.each<Signal>(['traces', 'logs', 'metrics'])('random %s', (signal) => {
  const transcoder = new Transcoder();
  const type = REQUEST_TYPES[signal];
  const encode = (request: Record<string, unknown>): Uint8Array => type.encode(type.fromObject(request)).finish();

  it('protobuf: the rows are those an independent decoder derives', () => {
    fc.assert(
      fc.property(REQUESTS[signal], (request) => {
        const body = encode(request);
        const expected = throughIdentities(expectedRows(signal, body, receivedAtMs));
        const result = transcoder.transcode(signal, 'protobuf', body, fresh());
        const actual = resolve(result);
        expect(actual.items).toEqual(inTableOrder(expected.items));
        expect(actual.exemplars).toEqual(expected.exemplars);
        expect(actual.rejections).toEqual(expected.rejections);
        expect(result.accepted).toBe(expected.items.length);
        expect(result.rejected).toBe([...expected.rejections.values()].reduce((sum, n) => sum + n, 0));
        expect(result.services).toEqual(new Set(services(expected.items)));
      }),
      { numRuns: 300 },
    );
  });

  it('merging split submessages changes nothing where none is split', () => {
    fc.assert(
      fc.property(REQUESTS[signal], (request) => {
        const body = encode(request);
        const merged = mergeSplitMessages(SCHEMAS[signal], body);
        const direct = snapshot(transcoder.transcode(signal, 'protobuf', body, fresh()));
        expect(snapshot(transcoder.transcode(signal, 'protobuf', merged, fresh()))).toEqual(direct);
      }),
      { numRuns: 100 },
    );
  });

  it('JSON: the same rows as protobuf, whatever the spelling', () => {
    fc.assert(
      fc.property(REQUESTS[signal], spelling, (request, spell) => {
        const fromProtobuf = snapshot(transcoder.transcode(signal, 'protobuf', encode(request), fresh()));
        const fromJson = snapshot(transcoder.transcode(signal, 'json', toOtlpJson(request, spell), fresh()));
        expect(fromJson).toEqual(fromProtobuf);
      }),
      { numRuns: 300 },
    );
  });
});

function services(items: Record<string, unknown>[]): unknown[] {
  return items.map((item) => item['service_name'] ?? (item['series'] as Record<string, unknown>)['service_name']);
}
