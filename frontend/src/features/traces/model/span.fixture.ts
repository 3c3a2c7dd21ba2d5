import type { Span } from '@telemetryflow/contracts';

/** A span for specs: times in nanoseconds from an arbitrary epoch, everything else empty. */
export function span(spanId: string, parentSpanId: string, start: number, end: number, more: Partial<Span> = {}): Span {
  const epoch = 1_763_632_800_000_000_000n;
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId,
    parentSpanId,
    traceState: '',
    flags: 1,
    name: spanId,
    kind: 'internal',
    serviceName: 'shop',
    startTimeUnixNano: String(epoch + BigInt(start)),
    endTimeUnixNano: String(epoch + BigInt(end)),
    durationNs: String(end - start),
    statusCode: 'unset',
    statusMessage: '',
    attributes: {},
    resourceAttributes: {},
    scope: { name: '', version: '', attributes: {}, schemaUrl: '' },
    events: [],
    links: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...more,
  };
}
