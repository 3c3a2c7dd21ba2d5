import { describe, expect, it } from 'vitest';
import { Transcoder } from '../index.js';
import { WARNINGS } from '../rejections.js';
import { options, request, run, span, text, TIME, wire } from '../testing/requests.js';

/* Attributes whose keys mark where a reference is put: protobufjs' definitions here have none. */
const VALUE = { key: 'marker', value: { stringValue: '@@' } };
const KEY = { key: '@@', value: { boolValue: true } };
const POINT = { timeUnixNano: TIME, asInt: '1' };

/** AnyValue { string_value = 1: "@@" } and KeyValue { key = 1: "@@" } are four bytes, as is a long varint and its tag. */
function withReference(body: Uint8Array, tag: 0x40 | 0x18, index = 7): Uint8Array {
  const bytes = Buffer.from(body);
  const at = bytes.indexOf(Buffer.from([0x0a, 2, 0x40, 0x40]));
  expect(at).toBeGreaterThan(0);
  bytes.set([tag, 0x80 | index, 0x80, 0], at);
  return bytes;
}

const warningsOf = (body: Uint8Array, signal: 'traces' | 'logs' | 'metrics'): string[] => [
  ...run(signal, body).result.warnings,
];

const nested = { key: 'list', value: { arrayValue: { values: [{ kvlistValue: { values: [VALUE] } }] } } };
const nestedKey = { key: 'list', value: { kvlistValue: { values: [KEY] } } };

const PLACES: [string, 'traces' | 'logs' | 'metrics', (pair: object) => Uint8Array][] = [
  ['a resource', 'logs', (pair) => request('logs', [{}], { attributes: [pair] })],
  ['a scope', 'logs', (pair) => request('logs', [{}], {}, { attributes: [pair] })],
  ['a span', 'traces', (pair) => request('traces', [span({ attributes: [text('a', 'b'), pair] })])],
  ['an event', 'traces', (pair) => request('traces', [span({ events: [{ name: 'e', attributes: [pair] }] })])],
  ['a log record', 'logs', (pair) => request('logs', [{ attributes: [pair] }])],
  [
    'a data point',
    'metrics',
    (pair) => request('metrics', [{ name: 'm', gauge: { dataPoints: [{ ...POINT, attributes: [pair] }] } }]),
  ],
];

describe('string-table references', () => {
  it.each(PLACES)('tells of one in %s, of a value, a key, and nested', (_, signal, bodyWith) => {
    const told = [WARNINGS.stringReferences];
    expect(warningsOf(withReference(bodyWith(VALUE), 0x40), signal)).toEqual(told);
    expect(warningsOf(withReference(bodyWith(KEY), 0x18), signal)).toEqual(told);
    expect(warningsOf(withReference(bodyWith(nested), 0x40), signal)).toEqual(told);
    expect(warningsOf(withReference(bodyWith(nestedKey), 0x18), signal)).toEqual(told);
    expect(warningsOf(bodyWith(VALUE), signal)).toEqual([]);
    expect(warningsOf(bodyWith(nested), signal)).toEqual([]);
  });

  it.each(PLACES)('tells of one in %s every time that it comes, and of nothing after it', (_, signal, bodyWith) => {
    const transcoder = new Transcoder();
    const body = withReference(bodyWith(VALUE), 0x40);
    const { identities } = options();
    const warnings = (bytes: Uint8Array) =>
      transcoder.transcode(signal, 'protobuf', bytes, options({ identities })).warnings.size;
    expect([body, body, bodyWith(text('a', 'b')), body].map(warnings)).toEqual([1, 1, 0, 1]);
  });

  it('reads what is referred to as absent', () => {
    const read = (body: Uint8Array) => run('logs', body).tables.logs_v3[0]?.['attributes'];
    const attributes = [text('a', 'b'), VALUE];
    expect(read(withReference(request('logs', [{ attributes }]), 0x40))).toEqual(
      read(request('logs', [{ attributes: [text('a', 'b'), { key: 'marker', value: {} }] }])),
    );
    expect(read(withReference(request('logs', [{ attributes: [text('a', 'b'), KEY] }]), 0x18))).toEqual(
      read(request('logs', [{ attributes: [text('a', 'b')] }])),
    );
  });

  it('tells of a log body, and of a request with split messages', () => {
    const body = withReference(request('logs', [{ body: { stringValue: '@@' } }]), 0x40);
    expect(warningsOf(body, 'logs')).toHaveLength(1);
    const parts = ['a', 'b'].map((name) => wire.message(1, wire.text(1, name)));
    const record = wire.message(2, wire.message(5, wire.number(8, 7)));
    const split = wire.message(1, wire.message(2, ...parts, record));
    expect(warningsOf(split, 'logs')).toHaveLength(1);
  });

  it('takes index 0 of a key for none', () => {
    expect(warningsOf(withReference(request('logs', [{ attributes: [KEY] }]), 0x18, 0), 'logs')).toEqual([]);
  });

  it.each([
    ['stringValueStrindex', { key: 'a', value: { stringValueStrindex: 7 } }, 1],
    ['string_value_strindex', { key: 'a', value: { string_value_strindex: 0 } }, 1],
    ['keyStrindex', { keyStrindex: -1, value: { stringValue: 'x' } }, 1],
    ['a keyStrindex of 0', { key: 'a', keyStrindex: 0, value: { stringValue: 'x' } }, 0],
  ])('tells of %s in JSON', (_, pair, warnings) => {
    const document = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [pair] }] }] }] };
    const body = Buffer.from(JSON.stringify(document));
    expect(new Transcoder().transcode('logs', 'json', body, options()).warnings.size).toBe(warnings);
  });
});
