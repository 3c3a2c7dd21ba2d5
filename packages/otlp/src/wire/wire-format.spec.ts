import { describe, expect, it } from 'vitest';
import { OtlpDecodeError } from '../index.js';
import { run, wire } from '../testing/requests.js';

const { message, text, number, fixed64, double, varint, tag } = wire;

const spanFields = [
  message(1, Buffer.alloc(16, 1)),
  message(2, Buffer.alloc(8, 2)),
  fixed64(7, 1000),
  fixed64(8, 3000),
];
const traces = (...group: Uint8Array[]): Buffer => message(1, ...group);
const oneSpan = (...more: Uint8Array[]): Buffer => traces(message(2, message(2, ...spanFields, ...more)));
const attribute = (key: string, value: string): Buffer => Buffer.concat([text(1, key), message(2, text(1, value))]);

describe('the protobuf wire format', () => {
  it('takes an empty body as an empty request', () => {
    const { result } = run('traces', new Uint8Array(0));
    expect(result).toMatchObject({ blocks: [], accepted: 0, rejected: 0 });
  });

  it('takes the resource and the schema URL after the scopes, and the scope after the spans', () => {
    const scopeSpans = message(2, message(2, ...spanFields), text(3, 'scope-url'), message(1, text(1, 'lib')));
    const { tables } = run(
      'traces',
      traces(scopeSpans, text(3, 'url'), message(1, message(1, attribute('service.name', 'shop')))),
    );
    expect(tables.spans_v3[0]).toMatchObject({ service_name: 'shop' });
    expect(tables.resources_v3[0]).toMatchObject({ schema_url: 'url', attributes: [['service.name', 'shop']] });
    expect(tables.scopes_v3[0]).toMatchObject({ schema_url: 'scope-url', name: 'lib' });
  });

  it('lets the last of a repeated scalar win', () => {
    const { tables } = run('traces', oneSpan(text(5, 'first'), text(5, 'second'), number(6, 1), number(6, 3)));
    expect(tables.spans_v3[0]).toMatchObject({ name: 'second', kind: 3 });
  });

  it('lets the last member of a oneof win', () => {
    const value = message(2, text(1, 'text'), number(3, 7));
    const { tables } = run('traces', oneSpan(message(9, text(1, 'a'), value)));
    expect(tables.spans_v3[0]).toMatchObject({ attributes: [['a', '7']], attribute_types: 'i' });
  });

  it('merges submessages that come in parts', () => {
    const { tables } = run(
      'traces',
      traces(
        message(1, message(1, attribute('service.name', 'shop'))),
        message(
          2,
          message(1, text(1, 'lib')),
          message(2, ...spanFields, message(15, number(3, 2)), message(15, text(2, 'broken'))),
          message(1, text(2, '1.0')),
        ),
        message(1, message(1, attribute('host.name', 'h')), number(2, 9)),
      ),
    );
    expect(tables.resources_v3[0]).toMatchObject({
      attributes: [
        ['service.name', 'shop'],
        ['host.name', 'h'],
      ],
      dropped_attributes_count: 9,
    });
    expect(tables.scopes_v3[0]).toMatchObject({ name: 'lib', version: '1.0' });
    expect(tables.spans_v3[0]).toMatchObject({ status_code: 2, status_message: 'broken' });
  });

  it('merges arrays that come in parts, but not across another member of their oneof', () => {
    const item = (value: string): Buffer => message(1, text(1, value));
    const merged = message(2, message(5, item('a')), message(5, item('b')));
    const replaced = message(2, message(5, item('a')), number(3, 1), message(5, item('b')));
    const { tables } = run('traces', oneSpan(message(9, text(1, 'x'), merged), message(9, text(1, 'y'), replaced)));
    expect(tables.spans_v3[0]?.['attributes']).toEqual([
      ['x', '["a","b"]'],
      ['y', '["b"]'],
    ]);
  });

  it('reads repeated numbers packed, single and mixed', () => {
    const doubles = Buffer.concat([double(0, 5).subarray(1), double(0, 6).subarray(1)]);
    const counts = (...values: number[]): Buffer => Buffer.concat(values.map((value) => fixed64(0, value).subarray(1)));
    const point = message(
      1,
      fixed64(3, 5),
      double(7, 1.5),
      message(7, doubles),
      message(6, counts(1, 2)),
      fixed64(6, 3),
      fixed64(6, 4),
    );
    const exponential = message(
      1,
      fixed64(3, 5),
      message(8, number(2, 300), message(2, varint(1), varint(2n ** 64n - 1n)), number(1, 3)),
    );
    const metric = (name: string, field: number, data: Buffer): Buffer =>
      message(2, text(1, name), message(field, data, number(2, 1)));
    const { tables } = run('metrics', message(1, message(2, metric('h', 9, point), metric('e', 10, exponential))));
    expect(tables.histograms_v3[0]).toMatchObject({ explicit_bounds: [1.5, 5, 6], bucket_counts: [1n, 2n, 3n, 4n] });
    expect(tables.histograms_v3[1]).toMatchObject({
      positive_bucket_counts: [300n, 1n, 2n ** 64n - 1n],
      positive_offset: -2,
    });
  });

  it('tolerates what is in development: the entity references of a resource', () => {
    const entity = message(3, text(1, 'url'), text(2, 'host'), text(3, 'host.name'));
    const resource = message(1, message(1, attribute('host.name', 'h')), entity);
    const { tables } = run('traces', traces(resource, message(2, message(2, ...spanFields))));
    expect(tables.resources_v3[0]).toMatchObject({ attributes: [['host.name', 'h']], dropped_attributes_count: 0 });
  });

  it('skips unknown fields of every wire type, string-table references included', () => {
    const unknown = [
      number(200, 5),
      fixed64(201, 5),
      message(202, Buffer.from('x')),
      Buffer.concat([tag(203, 5), Buffer.alloc(4)]),
    ];
    const reference = message(9, text(1, 'k'), number(3, 4), message(2, number(8, 12)), ...unknown);
    const { tables } = run('traces', Buffer.concat([oneSpan(...unknown, reference), ...unknown]));
    expect(tables.spans_v3[0]).toMatchObject({ attributes: [['k', '']], attribute_types: 'e' });
  });

  it('reads numbers and lengths in overlong encodings', () => {
    const padded = (value: number): Buffer => Buffer.from([value | 0x80, 0x80, 0]);
    const name = Buffer.concat([tag(5, 2), padded(2), Buffer.from('ab')]);
    const kind = Buffer.concat([tag(6, 0), padded(2)]);
    expect(run('traces', oneSpan(name, kind)).tables.spans_v3[0]).toMatchObject({ name: 'ab', kind: 2 });
  });

  it.each([
    ['a body cut off', oneSpan(text(5, 'name')).subarray(0, -1)],
    ['a length beyond its message', traces(message(2, Buffer.from([0x12, 0x05, 0x0a])))],
    ['a length of 2^40', Buffer.concat([tag(1, 2), varint(2n ** 40n)])],
    ['a varint of 11 bytes', oneSpan(tag(6, 0), Buffer.alloc(10, 0x80), Buffer.from([0]))],
    ['a varint of more than 64 bits', oneSpan(tag(6, 0), Buffer.alloc(9, 0xff), Buffer.from([2]))],
    ['a wrong wire type', oneSpan(number(5, 1))],
    ['a group', oneSpan(tag(77, 3), tag(77, 4))],
    ['field number 0', oneSpan(Buffer.from([0, 0]))],
    [
      'a packed list cut off',
      message(
        1,
        message(
          2,
          message(2, text(1, 'h'), message(9, number(2, 1), message(1, fixed64(3, 5), message(6, Buffer.alloc(9))))),
        ),
      ),
    ],
  ])('refuses %s', (fault, body) => {
    expect(() => run(fault.includes('packed') ? 'metrics' : 'traces', body)).toThrow(OtlpDecodeError);
  });

  it('keeps the bytes of a string that is not UTF-8', () => {
    const { result } = run('traces', oneSpan(message(5, Buffer.from([0xff, 0xfe]))));
    const rows = result.blocks.find((block) => block.table === 'spans_v3')!.bytes;
    expect(Buffer.from(rows).includes(Buffer.from([2, 0xff, 0xfe]))).toBe(true);
  });
});
