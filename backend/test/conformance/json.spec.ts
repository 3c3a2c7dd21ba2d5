/** OTLP line 9: the JSON encoding, read back from the store exactly. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObservedPlatform } from '../support/observed-platform.js';
import { TRANSPORTS, type OtlpReply } from '../support/otlp-client.js';
import type { SignalName } from '../support/otlp.js';
import type { Item } from '../support/stored-rows.js';
import { attribute, gauge, id, logRecord, newService, nowNano, requestOf, span, sum } from './requests.js';

let server: ObservedPlatform;
beforeAll(async () => {
  server = await ObservedPlatform.start();
});
afterAll(() => server?.dispose());

/** Wraps the JSON text of one item as a request and sends it as it stands. */
async function sendText(signal: SignalName, service: string, item: string, more = ''): Promise<OtlpReply> {
  const [groups, scopes, items] = {
    traces: ['resourceSpans', 'scopeSpans', 'spans'],
    logs: ['resourceLogs', 'scopeLogs', 'logRecords'],
    metrics: ['resourceMetrics', 'scopeMetrics', 'metrics'],
  }[signal];
  const resource = `{"attributes":[{"key":"service.name","value":{"stringValue":"${service}"}}]}`;
  const body = `{"${groups}":[{"resource":${resource},"${scopes}":[{"${items}":[${item}]}]}]${more}}`;
  return server.client.sendBytes('http/json', signal, Buffer.from(body));
}

/** Sends one item, which must be taken whole, and reads it back. */
async function stored(signal: SignalName, item: string, more = ''): Promise<Item> {
  const service = newService();
  expect(await sendText(signal, service, item, more)).toMatchObject({ code: 200, partial: undefined });
  return (await server.read(signal, service, 1)).items[0]!;
}

const ids = () => ({ traceId: id(16).toString('hex'), spanId: id(8).toString('hex') });
const spanText = (members: string): string => {
  const { traceId, spanId } = ids();
  return `{"traceId":"${traceId}","spanId":"${spanId}","startTimeUnixNano":"${nowNano()}",${members}}`;
};
const valueText = (value: string): string => spanText(`"attributes":[{"key":"v","value":${value}}]`);
const time = nowNano();

it('otlp 9: ids are hex, in lower, upper and mixed case', async () => {
  const { traceId, spanId } = ids();
  const mixed = (hex: string): string => hex.replace(/[a-f]/g, (c, i: number) => (i % 2 ? c.toUpperCase() : c));
  for (const spell of [(hex: string) => hex, (hex: string) => hex.toUpperCase(), mixed]) {
    const item = `{"traceId":"${spell(traceId)}","spanId":"${spell(spanId)}","parentSpanId":"${spell(spanId)}",
      "startTimeUnixNano":"${time}","links":[{"traceId":"${spell(traceId)}","spanId":"${spell(spanId)}"}]}`;
    expect(await stored('traces', item)).toMatchObject({
      trace_id: traceId,
      span_id: spanId,
      parent_span_id: spanId,
      'links.trace_id': [traceId],
      'links.span_id': [spanId],
    });
  }
});

it('otlp fault 4: ids that could be base64 are read as hex', async () => {
  // 32 and 16 characters of the base64 alphabet, which as base64 would be 24 and 12 bytes.
  const item = `{"traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef","timeUnixNano":"${time}"}`;
  expect(await stored('logs', item)).toMatchObject({
    trace_id: '0123456789abcdef0123456789abcdef',
    span_id: '0123456789abcdef',
  });
});

it('otlp fault 7: ids in upper case are taken, for every signal', async () => {
  const { traceId, spanId } = ids();
  const upper = `"traceId":"${traceId.toUpperCase()}","spanId":"${spanId.toUpperCase()}"`;
  const read = { trace_id: traceId, span_id: spanId };
  expect(await stored('traces', `{${upper},"startTimeUnixNano":"${time}"}`)).toMatchObject(read);
  expect(await stored('logs', `{${upper},"timeUnixNano":"${time}"}`)).toMatchObject(read);
  const service = newService();
  const point = `{"timeUnixNano":"${time}","asInt":"1","exemplars":[{${upper},"timeUnixNano":"${time}","asInt":"1"}]}`;
  await sendText('metrics', service, `{"name":"m","gauge":{"dataPoints":[${point}]}}`);
  expect((await server.read('metrics', service, 1, 1)).exemplars).toMatchObject([read]);
});

it('otlp 9: an id that is not hex costs its item alone', async () => {
  const service = newService();
  const bad = spanText('"name":"bad"').replace(/"traceId":"[^"]*"/, '"traceId":"W47/95gDgQPSabYzgT/GDA=="');
  const reply = await sendText('traces', service, `${bad},${spanText('"name":"good"')}`);
  expect(reply).toMatchObject({ code: 200, partial: { rejected: 1 } });
  await server.stored('traces', [service], 1);
});

it.each([
  ['+/+/AAE=', 'fbffbf0001'],
  ['-_-_AAE', 'fbffbf0001'],
  ['', ''],
])('otlp 9: bytes other than ids are base64: %j', async (base64, bytes) => {
  expect((await stored('traces', valueText(`{"bytesValue":"${base64}"}`)))['attributes']).toEqual({ v: { bytes } });
});

const INTEGERS = ['0', '-1', '9007199254740993', '-9223372036854775808', '9223372036854775807'];
describe.concurrent.each([
  ['a string', (value: string) => `"${value}"`],
  ['a number', (value: string) => value],
])('as %s', (kind, spell) => {
  it.each(INTEGERS)(`otlp 9: an int64 arrives exactly as ${kind}: %s`, async (value) => {
    expect((await stored('traces', valueText(`{"intValue":${spell(value)}}`)))['attributes']).toEqual({
      v: BigInt(value),
    });
    const metric = `{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":${spell(time)},"asInt":${spell(value)}}]}}`;
    expect(await stored('metrics', metric)).toMatchObject({
      value_int: BigInt(value),
      value_kind: 'int',
      timestamp: BigInt(time),
    });
  });

  it(`otlp 9: nanoseconds and counts arrive exactly as ${kind}`, async () => {
    const odd = `${time.slice(0, -1)}1`;
    const count = '18446744073709551615';
    const point = `{"timeUnixNano":${spell(odd)},"startTimeUnixNano":${spell(odd)},"count":${spell(count)},
      "bucketCounts":[${spell('9007199254740993')},${spell(count)}],"explicitBounds":[1]}`;
    const metric = `{"name":"h","histogram":{"aggregationTemporality":2,"dataPoints":[${point}]}}`;
    expect(await stored('metrics', metric)).toMatchObject({
      timestamp: BigInt(odd),
      start_timestamp: BigInt(odd),
      count: BigInt(count),
      bucket_counts: [9007199254740993n, BigInt(count)],
    });
  });
});

describe.concurrent.each(TRANSPORTS)('%s', (transport) => {
  it('otlp fault 9: an int64 never passes through a float', async () => {
    const service = newService();
    const exact = '9007199254740993';
    const attributes = [
      attribute('v', { intValue: exact }),
      attribute('list', { arrayValue: { values: [{ intValue: exact }] } }),
    ];
    await server.client.send(transport, 'traces', requestOf('traces', service, [span({ attributes })]));
    await server.client.send(transport, 'metrics', requestOf('metrics', service, [sum({ asInt: exact })]));
    const [item] = (await server.read('traces', service, 1)).items;
    expect(item!['attributes']).toEqual({ v: BigInt(exact), list: { json: `[${exact}]` } });
    expect((await server.read('metrics', service, 1)).items).toMatchObject([{ value_int: BigInt(exact) }]);
  });
});

it('otlp 9: enums are integers', async () => {
  expect(await stored('traces', spanText('"kind":3,"status":{"code":2}'))).toMatchObject({ kind: 3, status_code: 2 });
  expect(await stored('logs', `{"timeUnixNano":"${time}","severityNumber":17}`)).toMatchObject({ severity_number: 17 });
  const metric = `{"name":"m","sum":{"aggregationTemporality":1,"dataPoints":[{"timeUnixNano":"${time}","asInt":1}]}}`;
  expect((await stored('metrics', metric))['series']).toMatchObject({ temporality: 'delta' });
});

it('otlp 9: keys are lowerCamelCase', async () => {
  const item = spanText(`"endTimeUnixNano":"${time}","traceState":"a=b","droppedAttributesCount":3,
    "droppedEventsCount":4,"droppedLinksCount":5`);
  expect(await stored('traces', item)).toMatchObject({
    trace_state: 'a=b',
    dropped_attributes_count: 3,
    dropped_events_count: 4,
    dropped_links_count: 5,
  });
});

it('otlp 9: unknown fields are ignored, at every level', async () => {
  const unknown = '"newField":{"deep":[1,{"a":null}]},"another":"x"';
  const item = spanText(
    `${unknown},"name":"kept","attributes":[{"key":"v","value":{"stringValue":"s",${unknown}},${unknown}}]`,
  );
  expect(await stored('traces', item, `,${unknown}`)).toMatchObject({ name: 'kept', attributes: { v: 's' } });
});

it.each([
  ['"NaN"', Number.NaN],
  ['"Infinity"', Number.POSITIVE_INFINITY],
  ['"-Infinity"', Number.NEGATIVE_INFINITY],
  ['"1.5"', 1.5],
  ['-0.25', -0.25],
  ['1e300', 1e300],
  ['5e-324', 5e-324],
])('otlp 9: the double %s is taken as it is meant', async (spelled, value) => {
  expect((await stored('traces', valueText(`{"doubleValue":${spelled}}`)))['attributes']).toEqual({ v: value });
  const metric = `{"name":"m","gauge":{"dataPoints":[{"timeUnixNano":"${time}","asDouble":${spelled}}]}}`;
  expect(await stored('metrics', metric)).toMatchObject({ value, value_kind: 'double' });
});

it('otlp 9: null means absent', async () => {
  const item = `{"timeUnixNano":"${time}","body":null,"severityText":null,"attributes":null,"traceId":null}`;
  expect(await stored('logs', item)).toMatchObject({ body: null, severity_text: '', attributes: {} });
});

it.each(['http/protobuf', 'grpc'] as const)(
  'otlp 9: the same message is the same rows in JSON and over %s',
  async (other) => {
    const items = { traces: span(), logs: logRecord(), metrics: gauge() };
    for (const signal of ['traces', 'logs', 'metrics'] as const) {
      const service = newService();
      const request = requestOf(signal, service, [items[signal]]);
      for (const transport of ['http/json', other] as const) await server.client.send(transport, signal, request);
      const [a, b] = (await server.read(signal, service, 2)).items;
      expect(a).toEqual(b);
    }
  },
);
