/** OTLP lines 10 to 14 and 19: attribute values, resources, scopes, log records and spans, read back from the store. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageType } from '../../../packages/otlp/src/testing/otlp-proto.js';
import { nestedValue, wire } from '../../../packages/otlp/src/testing/requests.js';
import { ObservedPlatform } from '../support/observed-platform.js';
import { encode, SIGNALS, TRANSPORTS, type Message } from '../support/otlp-client.js';
import type { SignalName } from '../support/otlp.js';
import type { Item } from '../support/stored-rows.js';
import {
  attribute,
  gauge,
  id,
  itemOf,
  logRecord,
  newService,
  nowNano,
  requestOf,
  span,
  text,
  type Envelope,
} from './requests.js';

let server: ObservedPlatform;
beforeAll(async () => {
  server = await ObservedPlatform.start();
});
afterAll(() => server?.dispose());

const VALUES: [string, Message, unknown][] = [
  ['a string', { stringValue: 'Grüße, 世界 🌍' }, 'Grüße, 世界 🌍'],
  ['an empty string', { stringValue: '' }, ''],
  ['true', { boolValue: true }, true],
  ['false', { boolValue: false }, false],
  ['an int of zero', { intValue: '0' }, 0n],
  ['the lowest int', { intValue: '-9223372036854775808' }, -9223372036854775808n],
  ['a double', { doubleValue: 0.1 }, 0.1],
  ['not a number', { doubleValue: Number.NaN }, Number.NaN],
  ['infinity', { doubleValue: Number.NEGATIVE_INFINITY }, Number.NEGATIVE_INFINITY],
  ['bytes', { bytesValue: Buffer.from([0, 255, 128, 10]) }, { bytes: '00ff800a' }],
  ['no bytes', { bytesValue: Buffer.alloc(0) }, { bytes: '' }],
  ['nothing', {}, null],
  ['an empty array', { arrayValue: { values: [] } }, { json: '[]' }],
  ['an empty list', { kvlistValue: { values: [] } }, { json: '{}' }],
  [
    'a mixed array',
    {
      arrayValue: {
        values: [
          { stringValue: 'a"b' },
          { intValue: '9007199254740993' },
          { doubleValue: 1.5 },
          { boolValue: true },
          {},
        ],
      },
    },
    { json: '["a\\"b",9007199254740993,1.5,true,null]' },
  ],
  [
    'a nested list',
    {
      kvlistValue: {
        values: [
          {
            key: 'a',
            value: { kvlistValue: { values: [{ key: 'b', value: { arrayValue: { values: [{ intValue: '1' }] } } }] } },
          },
          { key: 'c', value: { bytesValue: Buffer.from('hi') } },
        ],
      },
    },
    { json: '{"a":{"b":[1]},"c":"aGk="}' },
  ],
];

describe.concurrent.each(TRANSPORTS)('%s', (transport) => {
  async function send(signal: SignalName, items: Message[], envelope?: Envelope): Promise<Item[]> {
    const service = newService();
    const reply = await server.client.send(transport, signal, requestOf(signal, service, items, envelope));
    expect(reply).toMatchObject({ ok: true, partial: undefined });
    return (await server.read(signal, service, items.length)).items;
  }

  it('otlp 10: every kind of attribute value is kept with its type: string, bool, int, double, bytes, list, array, empty', async () => {
    const attributes = VALUES.map(([name, value]) => attribute(name, value));
    const expected = Object.fromEntries(VALUES.map(([name, , value]) => [name, value]));
    const [item] = await send(
      'traces',
      [span({ attributes, events: [{ attributes }], links: [{ traceId: id(16), spanId: id(8), attributes }] })],
      {
        scope: { name: 's', attributes },
      },
    );
    expect(item).toMatchObject({ 'events.attributes': [expected], 'links.attributes': [expected] });
    expect(item!['attributes']).toEqual(expected);
    expect(item!['scope']['attributes']).toEqual(expected);
  });

  it('otlp 10: every kind of value is kept as a log body, and as a resource and data point attribute', async () => {
    const attributes = VALUES.map(([name, value]) => attribute(name, value));
    const expected = Object.fromEntries(VALUES.map(([name, , value]) => [name, value]));
    const bodies = VALUES.map(([name, body]) => logRecord({ body, eventName: name }));
    const logs = await send('logs', bodies, { resource: { attributes } });
    expect(Object.fromEntries(logs.map((log) => [log['event_name'], log['body']]))).toEqual(expected);
    expect(logs[0]!['resource']['attributes']).toEqual({
      'service.name': logs[0]!['service_name'],
      ...expected,
    });
    const [point] = await send('metrics', [gauge({ attributes })]);
    expect(point!['series']['attributes']).toEqual(expected);
  });

  it('otlp 10: a list nested deep is kept; one nested beyond all reason costs its item alone', async () => {
    const nested = (levels: number): Message =>
      levels === 0 ? { stringValue: 'x' } : { arrayValue: { values: [nested(levels - 1)] } };
    const [item] = await send('traces', [span({ attributes: [attribute('deep', nested(20))] })]);
    expect(item!['attributes']).toEqual({ deep: { json: `${'['.repeat(20)}"x"${']'.repeat(20)}` } });
    const service = newService();
    const body = deepRequest(transport === 'http/json', service);
    const reply = await server.client.sendBytes(transport, 'traces', body);
    expect(reply).toMatchObject({ ok: true, partial: { rejected: 1 } });
    await server.stored('traces', [service], 1);
  });

  it('otlp 12: a log record with an invalid trace or span id is kept as uncorrelated', async () => {
    const [good, traceId] = [id(8), id(16)];
    const ids: [string, Message, string, string][] = [
      ['short trace id', { traceId: id(15), spanId: good }, '00'.repeat(16), '00'.repeat(8)],
      ['long trace id', { traceId: id(17), spanId: good }, '00'.repeat(16), '00'.repeat(8)],
      ['zero trace id', { traceId: Buffer.alloc(16), spanId: good }, '00'.repeat(16), '00'.repeat(8)],
      ['no trace id', { spanId: good }, '00'.repeat(16), '00'.repeat(8)],
      ['short span id', { traceId, spanId: id(7) }, traceId.toString('hex'), '00'.repeat(8)],
      ['zero span id', { traceId, spanId: Buffer.alloc(8) }, traceId.toString('hex'), '00'.repeat(8)],
      ['both valid', { traceId, spanId: good }, traceId.toString('hex'), good.toString('hex')],
    ];
    const items = await send(
      'logs',
      ids.map(([eventName, fields]) => logRecord({ eventName, ...fields })),
    );
    const found = items.map((log) => [log['event_name'], log['trace_id'], log['span_id']]);
    expect(found.toSorted()).toEqual(ids.map(([name, , trace, spanId]) => [name, trace, spanId]).toSorted());
  });

  it('otlp 12: one bad item never costs the batch', async () => {
    const service = newService();
    const bad = [span({ traceId: id(15) }), span({ traceId: Buffer.alloc(16) }), span({ spanId: id(9) })];
    const request = requestOf('traces', service, [bad[0]!, span(), bad[1]!, span(), bad[2]!]);
    const reply = await server.client.send(transport, 'traces', request);
    expect(reply).toMatchObject({ ok: true, partial: { rejected: 3 } });
    await server.stored('traces', [service], 2);
  });

  it('otlp fault 6: one bad id loses nothing but its span, and no log record at all', async () => {
    const service = newService();
    const spans = [...Array.from({ length: 50 }, () => span()), span({ spanId: Buffer.alloc(8) })];
    const traces = await server.client.send(transport, 'traces', requestOf('traces', service, spans));
    expect(traces.partial).toMatchObject({ rejected: 1, message: expect.stringContaining('span_id') as string });
    const logs = [...Array.from({ length: 50 }, () => logRecord()), logRecord({ traceId: id(3), spanId: id(1) })];
    const reply = await server.client.send(transport, 'logs', requestOf('logs', service, logs));
    expect(reply.partial).toBeUndefined();
    await server.stored('traces', [service], 50);
    await server.stored('logs', [service], 51);
  });

  it('otlp 12: an invalid parent span id makes a root, and costs nothing', async () => {
    const items = await send('traces', [span({ parentSpanId: id(5) }), span({ parentSpanId: Buffer.alloc(8) })]);
    expect(items.map((item) => item['parent_span_id'])).toEqual(['00'.repeat(8), '00'.repeat(8)]);
  });

  it('otlp 13: the time of a log record is its time, else the observed time, else now', async () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const [time, observed] = [before - 10_000_000_001n, before - 5_000_000_002n];
    const items = await send('logs', [
      logRecord({ eventName: 'a both', timeUnixNano: `${time}`, observedTimeUnixNano: `${observed}` }),
      logRecord({ eventName: 'b observed', timeUnixNano: '0', observedTimeUnixNano: `${observed}` }),
      logRecord({ eventName: 'c neither', timeUnixNano: '0', observedTimeUnixNano: '0' }),
    ]);
    const [both, onlyObserved, neither] = items.toSorted((a, b) => (a['event_name'] < b['event_name'] ? -1 : 1));
    expect(both).toMatchObject({ timestamp: time, observed_timestamp: observed });
    expect(onlyObserved).toMatchObject({ timestamp: observed, observed_timestamp: observed });
    expect(neither!['timestamp'] >= before && neither!['timestamp'] <= BigInt(Date.now() + 1) * 1_000_000n).toBe(true);
  });

  it('otlp 13: the event name and every severity from 1 to 24 are kept', async () => {
    const records = Array.from({ length: 25 }, (_, severityNumber) =>
      logRecord({ severityNumber, severityText: `text ${severityNumber}`, eventName: `event.${severityNumber}` }),
    );
    const found = (await send('logs', records)).toSorted((a, b) => a['severity_number'] - b['severity_number']);
    expect(found.map((log) => [log['severity_number'], log['severity_text'], log['event_name']])).toEqual(
      records.map((_, n) => [n, `text ${n}`, `event.${n}`]),
    );
  });

  it('otlp 14: the flags of spans, links and log records are kept whole, bits beyond the known ones too', async () => {
    const all = [0, 1, 0x100, 0x300, 0x3ff, 0x8000_0000, 0xffff_ffff];
    const link = (flags: number): Message => ({ traceId: id(16), spanId: id(8), flags });
    const items = await send(
      'traces',
      all.map((flags) => span({ flags, name: `${flags}`, links: [link(flags)] })),
    );
    const found = items.map((item) => [item['name'], item['flags'], item['links.flags']]);
    expect(found.toSorted()).toEqual(all.map((flags) => [`${flags}`, flags, [flags]]).toSorted());
    const logs = await send(
      'logs',
      all.map((flags) => logRecord({ flags })),
    );
    expect(logs.map((item) => item['flags'] as number).toSorted((a, b) => a - b)).toEqual(all);
  });

  it('otlp 14: trace state, links and events are kept in full and in order', async () => {
    const links = [1, 2, 3].map((n) => ({
      traceId: id(16),
      spanId: id(8),
      traceState: `vendor=${n}`,
      attributes: [text('n', `${n}`)],
      droppedAttributesCount: n,
      flags: 0x300 + n,
    }));
    const events = [1, 2].map((n) => ({
      timeUnixNano: nowNano(),
      name: `event ${n}`,
      attributes: [attribute('n', { intValue: `${n}` })],
      droppedAttributesCount: 10 + n,
    }));
    const [item] = await send('traces', [span({ traceState: 'rojo=00f067,congo=t61', links, events })]);
    expect(item).toMatchObject({
      trace_state: 'rojo=00f067,congo=t61',
      'links.trace_id': links.map((link) => link.traceId.toString('hex')),
      'links.span_id': links.map((link) => link.spanId.toString('hex')),
      'links.trace_state': ['vendor=1', 'vendor=2', 'vendor=3'],
      'links.flags': [0x301, 0x302, 0x303],
      'links.attributes': [{ n: '1' }, { n: '2' }, { n: '3' }],
      'events.name': ['event 1', 'event 2'],
      'events.timestamp': events.map((event) => BigInt(event.timeUnixNano)),
      'events.attributes': [{ n: 1n }, { n: 2n }],
    });
  });

  it('otlp 14: the dropped counts are kept at every level: resource, scope, span, event, link, log record', async () => {
    const envelope = { resource: { droppedAttributesCount: 1 }, scope: { name: 's', droppedAttributesCount: 2 } };
    const spanItem = span({
      droppedAttributesCount: 3,
      droppedEventsCount: 4,
      droppedLinksCount: 0xffff_fffe,
      events: [{ name: 'e', droppedAttributesCount: 5 }],
      links: [{ traceId: id(16), spanId: id(8), droppedAttributesCount: 6 }],
    });
    const [item] = await send('traces', [spanItem], envelope);
    expect(item).toMatchObject({
      resource: { dropped_attributes_count: 1 },
      scope: { dropped_attributes_count: 2 },
      dropped_attributes_count: 3,
      dropped_events_count: 4,
      dropped_links_count: 0xffff_fffe,
      'events.dropped_attributes_count': [5],
      'links.dropped_attributes_count': [6],
    });
    const [log] = await send('logs', [logRecord({ droppedAttributesCount: 7 })], envelope);
    expect(log).toMatchObject({
      dropped_attributes_count: 7,
      resource: { dropped_attributes_count: 1 },
      scope: { dropped_attributes_count: 2 },
    });
  });

  it('otlp 14: a link to nowhere is left out and counted, and costs the span nothing', async () => {
    const links = [
      { traceId: id(4), spanId: id(8) },
      { traceId: id(16), spanId: id(8) },
    ];
    const [item] = await send('traces', [span({ links, droppedLinksCount: 1 })]);
    expect(item!['links.span_id']).toEqual([links[1]!.spanId.toString('hex')]);
    expect(item).toMatchObject({ dropped_links_count: 2 });
  });

  it.each(SIGNALS)(
    'otlp 18: the schema URL is kept at both levels, with name and version of the scope: %s',
    async (signal) => {
      const [item] = await send(signal, [itemOf(signal)], {
        scope: { name: 'library', version: '1.2.3', attributes: [text('a', 'b')] },
        resourceSchemaUrl: 'https://opentelemetry.io/schemas/1.30.0',
        scopeSchemaUrl: 'https://opentelemetry.io/schemas/1.31.0',
      });
      const origin = item!['series'] ?? item!;
      expect(origin['resource']).toMatchObject({ schema_url: 'https://opentelemetry.io/schemas/1.30.0' });
      expect(origin['scope']).toMatchObject({
        schema_url: 'https://opentelemetry.io/schemas/1.31.0',
        name: 'library',
        version: '1.2.3',
        attributes: { a: 'b' },
      });
    },
  );

  it.each(SIGNALS)('otlp 19: entity references of a resource are tolerated: %s', async (signal) => {
    const service = newService();
    const request = requestOf(signal, service, [itemOf(signal)]);
    const body = encode(transport, signal, request);
    const reply = await server.client.sendBytes(transport, signal, withEntityRefs(transport === 'http/json', body));
    expect(reply).toMatchObject({ ok: true, partial: undefined });
    await server.stored(signal, [service], 1);
  });

  it.each(SIGNALS)('otlp 11: string-table references are treated as absent: %s', async (signal) => {
    const service = newService();
    const marker = { traces: span, logs: logRecord, metrics: gauge }[signal];
    const attributes = [text('before', 'a'), attribute('reference', { stringValue: '@@' }), text('after', 'z')];
    const item = signal === 'metrics' ? gauge({ attributes }) : marker({ attributes });
    const body = encode(transport, signal, requestOf(signal, service, [item]));
    const reply = await server.client.sendBytes(
      transport,
      signal,
      withStringTableReference(transport === 'http/json', body),
    );
    expect(reply).toMatchObject({
      ok: true,
      partial: {
        rejected: 0,
        message: expect.stringMatching(/string_value_strindex .* were read as absent/) as string,
      },
    });
    await server.stored(signal, [service], 1);
    const [stored] = (await server.read(signal, service, 1)).items;
    expect((stored!['series'] ?? stored)['attributes']).toEqual({ before: 'a', reference: null, after: 'z' });
  });
});

it('otlp 11: string-table references are logged once, however many come', async () => {
  const request = requestOf('logs', newService(), [logRecord({ attributes: [text('reference', '@@')] })]);
  for (const transport of TRANSPORTS) {
    const body = withStringTableReference(transport === 'http/json', encode(transport, 'logs', request));
    expect(await server.client.sendBytes(transport, 'logs', body)).toMatchObject({
      ok: true,
      partial: { rejected: 0 },
    });
  }
  const logged = (): string[] =>
    server.platform.output.split('\n').filter((line) => line.includes('string_value_strindex'));
  await expect.poll(logged).toHaveLength(1);
});

/** Two spans, one of them with a value nested 80 levels deep, which protobufjs refuses to write. */
function deepRequest(isJson: boolean, service: string): Uint8Array {
  const levels = 80;
  if (isJson) {
    const deep = `${'{"arrayValue":{"values":['.repeat(levels)}{"stringValue":"x"}${']}}'.repeat(levels)}`;
    const body = Buffer.from(encode('http/json', 'traces', requestOf('traces', service, [span(), marked]))).toString();
    return Buffer.from(body.replace('{"stringValue": "@@"}', deep));
  }
  const attributeOf = (key: string, value: Uint8Array): Buffer =>
    Buffer.concat([wire.text(1, key), wire.message(2, value)]);
  const name = attributeOf('service.name', wire.text(1, service));
  const deep = wire.message(9, attributeOf('deep', nestedValue(levels)));
  const spanBytes = (): Uint8Array => messageType('Span').encode(messageType('Span').fromObject(span())).finish();
  const spans = [wire.message(2, spanBytes()), wire.message(2, spanBytes(), deep)];
  return wire.message(1, wire.message(1, wire.message(1, name)), wire.message(2, ...spans));
}
const marked = span({ attributes: [text('deep', '@@')] });

/** Adds `Resource.entity_refs` (field 3), which protobufjs' definitions here do not know. */
function withEntityRefs(isJson: boolean, body: Uint8Array): Uint8Array {
  if (isJson) {
    const refs = '"entityRefs":[{"schemaUrl":"s","type":"service","idKeys":["service.name"],"descriptionKeys":[]}]';
    return Buffer.from(Buffer.from(body).toString().replace('"resource": {', `"resource": {${refs},`));
  }
  // Messages merge: a second group of the same resource field only adds to it.
  const reference = Buffer.concat([wire.text(1, 's'), wire.text(2, 'service'), wire.text(3, 'service.name')]);
  const group = body.subarray(afterVarint(body, 1));
  return wire.message(1, group, wire.message(1, wire.message(3, reference)));
}

/** Puts a string-table reference (AnyValue field 8) in the place of the value "@@". */
function withStringTableReference(isJson: boolean, body: Uint8Array): Uint8Array {
  if (isJson) {
    return Buffer.from(Buffer.from(body).toString().replace('"stringValue": "@@"', '"stringValueStrindex": 7'));
  }
  // AnyValue { string_value = 1: "@@" } is four bytes; field 8 as a varint of three bytes takes the same room.
  const bytes = Buffer.from(body);
  const at = bytes.indexOf(Buffer.from([0x0a, 2, 0x40, 0x40]));
  bytes.set([0x40, 0x87, 0x80, 0x00], at);
  return bytes;
}

function afterVarint(bytes: Uint8Array, at: number): number {
  while (bytes[at]! > 0x7f) at++;
  return at + 1;
}
