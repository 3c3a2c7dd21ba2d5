import { describe, expect, it } from 'vitest';
import { OtlpDecodeError, Transcoder, type Signal } from '../index.js';
import { REASONS } from '../rejections.js';
import { options } from '../testing/requests.js';
import { rowsByTable } from '../testing/rowbinary-reader.js';

const transcode = (signal: Signal, json: string) => {
  const result = new Transcoder().transcode(signal, 'json', Buffer.from(json), options());
  return { result, tables: rowsByTable(result.blocks) };
};
const logs = (record: string): string => `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${record}]}]}]}`;
const spans = (span: string): string => `{"resourceSpans":[{"scopeSpans":[{"spans":[${span}]}]}]}`;
const ids = '"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"eee19b7ec3c1b174"';

describe('OTLP/JSON', () => {
  it('keeps 64-bit integers exact as strings and as numbers', () => {
    const record = (value: string) => logs(`{"timeUnixNano":${value},"body":{"intValue":${value}}}`);
    for (const value of ['"1750000000000000001"', '1750000000000000001', ' 1750000000000000001 ']) {
      expect(transcode('logs', record(value)).tables.logs_v3).toMatchObject([
        { timestamp: 1750000000000000001n, body: '1750000000000000001' },
      ]);
    }
  });

  it('takes enums as numbers and as names, and unknown ones as 0', () => {
    for (const [kind, number] of [
      ['3', 3],
      ['"SPAN_KIND_CLIENT"', 3],
      ['"CLIENT"', 3],
      ['"SPAN_KIND_NEW"', 0],
      ['77', 0],
    ] as const) {
      expect(transcode('traces', spans(`{${ids},"kind":${kind}}`)).tables.spans_v3).toMatchObject([{ kind: number }]);
    }
    expect(transcode('logs', logs('{"severityNumber":"SEVERITY_NUMBER_INFO2"}')).tables.logs_v3).toMatchObject([
      { severity_number: 10 },
    ]);
  });

  it('refuses only the item whose id is not hex', () => {
    const { result } = transcode(
      'traces',
      spans(`{"traceId":"W47/95gDgQPSabYzgT/GDA==","spanId":"eee19b7ec3c1b174"},{${ids}}`),
    );
    expect(result).toMatchObject({ accepted: 1, rejected: 1 });
    expect([...result.rejections.keys()]).toEqual([REASONS.traceId]);
  });

  it('ignores unknown fields, null and a byte order mark', () => {
    expect(
      transcode('logs', `\uFEFF${logs('{"body":null,"severityText":null,"new":{"a":[1]}}')}`).result.accepted,
    ).toBe(1);
  });

  it('takes special doubles as strings', () => {
    const value = (text: string): string => logs(`{"body":{"doubleValue":${text}}}`);
    for (const [text, body] of [
      ['"NaN"', 'NaN'],
      ['"-Infinity"', '-Infinity'],
      ['"1.5"', '1.5'],
      ['2', '2'],
    ] as const) {
      expect(transcode('logs', value(text)).tables.logs_v3).toMatchObject([{ body, body_type: 'd' }]);
    }
  });

  it('survives nesting far deeper than it keeps', () => {
    const deep = (levels: number): string => '{"arrayValue":{"values":['.repeat(levels) + ']}}'.repeat(levels);
    const { result } = transcode('logs', logs(`{"body":${deep(20_000)}},{}`));
    expect(result).toMatchObject({ accepted: 1, rejected: 1 });
  });

  it.each([
    ['', 'body'],
    ['{', 'body'],
    ['[]', 'body'],
    ['{"resourceSpans":{}}', 'resourceSpans'],
    ['{"resourceSpans":[1]}', 'resourceSpans[0]'],
    [spans('{"name":5}'), 'resourceSpans[0].scopeSpans[0].spans[0].name'],
    [spans('{"traceId":5}'), 'resourceSpans[0].scopeSpans[0].spans[0].traceId'],
    [spans('{"startTimeUnixNano":"soon"}'), 'resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano'],
    [spans('{"startTimeUnixNano":-1}'), 'resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano'],
    [
      spans('{"startTimeUnixNano":"18446744073709551616"}'),
      'resourceSpans[0].scopeSpans[0].spans[0].startTimeUnixNano',
    ],
    [spans('{"flags":4294967296}'), 'resourceSpans[0].scopeSpans[0].spans[0].flags'],
    [
      spans('{"attributes":[{"key":"a","value":{"boolValue":"yes"}}]}'),
      'resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.boolValue',
    ],
    [
      spans('{"attributes":[{"key":"a","value":{"bytesValue":"?"}}]}'),
      'resourceSpans[0].scopeSpans[0].spans[0].attributes[0].value.bytesValue',
    ],
  ])('refuses %s, naming %s', (json, path) => {
    const attempt = (): unknown => transcode('traces', json);
    expect(attempt).toThrow(OtlpDecodeError);
    expect(attempt).toThrow(expect.objectContaining({ field: path }));
  });
});
