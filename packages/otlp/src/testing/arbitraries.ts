import fc from 'fast-check';
import type { Signal } from '../api.js';

/** Random OTLP requests as plain objects that protobufjs takes (`fromObject`), with every odd value we know of. */
type Msg = Record<string, unknown>;

const text = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 200 }));
const uint32 = fc.oneof(fc.nat(300), fc.nat(0xffffffff));
const int64 = fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map(String);
const uint64 = fc.oneof(fc.nat(1000), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })).map(String);
/** Not -0: JSON cannot carry its sign. */
const double = fc
  .oneof(
    fc.double(),
    fc.integer().map((n) => n / 100),
    fc.constantFrom(0, 1e21, 1e-7, 0.001, 123456789.123456, 5e-324, Number.NaN, Infinity, -Infinity),
  )
  .map((n) => (n === 0 ? 0 : n));
const bytes = fc.uint8Array({ maxLength: 40 });

const id = (size: number): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    { weight: 8, arbitrary: fc.uint8Array({ minLength: size, maxLength: size }) },
    { weight: 1, arbitrary: fc.constant(new Uint8Array(size)) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: size + 2 }) },
  );

const nanos = fc.oneof(
  { weight: 8, arbitrary: fc.bigInt({ min: 1_700_000_000_000_000_000n, max: 1_800_000_000_000_000_000n }).map(String) },
  { weight: 1, arbitrary: fc.constant('0') },
  { weight: 1, arbitrary: uint64 },
);

const { anyValue, attributes } = fc.letrec<{ anyValue: Msg; attributes: Msg[]; keyValue: Msg }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'value', withCrossShrink: true },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: double }),
    fc.record({ bytesValue: bytes }),
    fc.constant({}),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('anyValue'), { maxLength: 4 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: fc.array(tie('keyValue'), { maxLength: 4 }) }) }),
  ),
  keyValue: fc.record(
    { key: fc.oneof(fc.constantFrom('a', 'b', 'service.name', ''), text), value: tie('anyValue') },
    { requiredKeys: [] },
  ),
  attributes: fc.oneof(
    { weight: 6, arbitrary: fc.array(tie('keyValue'), { maxLength: 6 }) },
    { weight: 1, arbitrary: fc.array(tie('keyValue'), { minLength: 30, maxLength: 45 }) },
  ),
}));

/** Every field may be missing. */
function some(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Msg> {
  return fc.record(fields, { requiredKeys: [] });
}

const list = <T>(item: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> => fc.array(item, { maxLength });

/** Mostly there, as without it the item is refused and shows little. */
function with_(
  fields: Record<string, fc.Arbitrary<unknown>>,
  mostly: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<Msg> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.tuple(some(fields), fc.record(mostly)).map(([a, b]) => ({ ...a, ...b })) },
    { weight: 1, arbitrary: some({ ...fields, ...mostly }) },
  );
}

const resource = some({ attributes, droppedAttributesCount: uint32 });
const scope = some({ name: text, version: text, attributes, droppedAttributesCount: uint32 });

const event = some({ timeUnixNano: nanos, name: text, attributes, droppedAttributesCount: uint32 });
const link = with_(
  { traceState: text, attributes, droppedAttributesCount: uint32, flags: uint32 },
  { traceId: id(16), spanId: id(8) },
);
const span = with_(
  {
    traceState: text,
    parentSpanId: id(8),
    name: text,
    kind: fc.integer({ min: -1, max: 7 }),
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes,
    droppedAttributesCount: uint32,
    events: list(event),
    droppedEventsCount: uint32,
    links: list(link),
    droppedLinksCount: fc.nat(1000),
    status: some({ message: text, code: fc.integer({ min: -1, max: 4 }) }),
    flags: uint32,
  },
  { traceId: id(16), spanId: id(8) },
);

const logRecord = some({
  timeUnixNano: nanos,
  severityNumber: fc.integer({ min: -2, max: 30 }),
  severityText: text,
  body: anyValue,
  attributes,
  droppedAttributesCount: uint32,
  flags: uint32,
  traceId: id(16),
  spanId: id(8),
  observedTimeUnixNano: nanos,
  eventName: text,
});

const number = fc.oneof(fc.record({ asDouble: double }), fc.record({ asInt: int64 }), fc.constant({}));
const withNumber = (base: fc.Arbitrary<Msg>): fc.Arbitrary<Msg> =>
  fc.tuple(base, number).map(([a, b]) => ({ ...a, ...b }));

const exemplar = withNumber(
  some({ timeUnixNano: nanos, spanId: id(8), traceId: id(16), filteredAttributes: attributes }),
);
const head = { startTimeUnixNano: nanos, attributes, flags: fc.oneof(fc.constant(0), uint32) };
const numberPoint = withNumber(with_({ ...head, exemplars: list(exemplar, 2) }, { timeUnixNano: nanos }));
const totals = { count: uint64, sum: double, min: double, max: double };
const histogramPoint = fc
  .tuple(
    with_({ ...head, ...totals, exemplars: list(exemplar, 2) }, { timeUnixNano: nanos }),
    list(double, 20),
    list(uint64, 21),
    fc.boolean(),
  )
  .map(([base, explicitBounds, counts, fits]) => {
    const bucketCounts = fits ? [...explicitBounds.map((_, i) => counts[i] ?? '1'), '7'] : counts;
    return { ...base, explicitBounds, bucketCounts };
  });
const buckets = some({ offset: fc.integer(), bucketCounts: list(uint64, 10) });
const exponentialPoint = with_(
  {
    ...head,
    ...totals,
    scale: fc.integer({ min: -10, max: 20 }),
    zeroCount: uint64,
    positive: buckets,
    negative: buckets,
    exemplars: list(exemplar, 2),
    zeroThreshold: double,
  },
  { timeUnixNano: nanos },
);
const summaryPoint = with_(
  { ...head, count: uint64, sum: double, quantileValues: list(some({ quantile: double, value: double })) },
  { timeUnixNano: nanos },
);

const aggregationTemporality = fc.constantFrom(0, 1, 2, 2, 2, 3);
const points = (point: fc.Arbitrary<Msg>): Record<string, fc.Arbitrary<unknown>> => ({ dataPoints: list(point) });
const metric = fc
  .tuple(
    with_(
      { description: text, unit: text, metadata: attributes },
      { name: fc.oneof(text, fc.string({ minLength: 250, maxLength: 260 })) },
    ),
    fc.oneof(
      fc.constant({}),
      fc.record({ gauge: some(points(numberPoint)) }),
      fc.record({ sum: with_({ isMonotonic: fc.boolean() }, { ...points(numberPoint), aggregationTemporality }) }),
      fc.record({ histogram: with_({}, { ...points(histogramPoint), aggregationTemporality }) }),
      fc.record({ exponentialHistogram: with_({}, { ...points(exponentialPoint), aggregationTemporality }) }),
      fc.record({ summary: some(points(summaryPoint)) }),
    ),
  )
  .map(([base, data]) => ({ ...base, ...data }));

function request(groups: string, scopes: string, items: string, item: fc.Arbitrary<Msg>): fc.Arbitrary<Msg> {
  const scopeGroup = with_({ scope, schemaUrl: text }, { [items]: list(item) });
  const group = with_({ resource, schemaUrl: text }, { [scopes]: list(scopeGroup, 2) });
  return fc.record({ [groups]: list(group) });
}

export const REQUESTS: Record<Signal, fc.Arbitrary<Msg>> = {
  traces: request('resourceSpans', 'scopeSpans', 'spans', span),
  logs: request('resourceLogs', 'scopeLogs', 'logRecords', logRecord),
  metrics: request('resourceMetrics', 'scopeMetrics', 'metrics', metric),
};
